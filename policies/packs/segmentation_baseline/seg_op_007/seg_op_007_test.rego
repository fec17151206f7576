package packs.segmentation_baseline.seg_op_007_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_op_007

test_warned_default_token if {
	some violation in seg_op_007.deny with input as requests.create("Deployment", requests.deployment({}))
	violation.path == "spec.template.spec.automountServiceAccountToken"
	count(seg_op_007.deny) == 1 with input as requests.create("Pod", requests.pod({"serviceAccountName": "default", "automountServiceAccountToken": true}))
}

test_allowed_without_token if {
	count(seg_op_007.deny) == 0 with input as requests.create("Pod", requests.pod({"automountServiceAccountToken": false}))
}

test_exempt_account_of_its_own if {
	count(seg_op_007.deny) == 0 with input as requests.create("Pod", requests.pod({"serviceAccountName": "web"}))
}

test_exempt_controlled if {
	pod := object.union(requests.pod({}), {"metadata": {"ownerReferences": [{"controller": true}]}})
	count(seg_op_007.deny) == 0 with input as requests.create("Pod", pod)
}

test_malformed_spec_is_no_crash if {
	count(seg_op_007.deny) == 0 with input as requests.create("Pod", requests.pod("x"))
}
