package packs.segmentation_baseline.seg_id_005_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_id_005

test_warned_default_account if {
	every spec in [{}, {"serviceAccountName": ""}, {"serviceAccountName": "default"}] {
		some violation in seg_id_005.deny with input as requests.create("Deployment", requests.deployment(spec))
		violation.path == "spec.template.spec.serviceAccountName"
	}
}

test_allowed_own_account if {
	count(seg_id_005.deny) == 0 with input as requests.create("Pod", requests.pod({"serviceAccountName": "web"}))
}

test_exempt_controlled if {
	pod := object.union(requests.pod({}), {"metadata": {"ownerReferences": [{"controller": true}]}})
	count(seg_id_005.deny) == 0 with input as requests.create("Pod", pod)
}

test_malformed_spec_is_no_crash if {
	count(seg_id_005.deny) == 0 with input as requests.create("Pod", requests.pod("x"))
}
