package packs.segmentation_baseline.seg_op_005_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_op_005

test_denied_each_field if {
	every field in ["hostPID", "hostIPC"] {
		some violation in seg_op_005.deny with input as requests.create("Pod", requests.pod({field: true}))
		violation.path == sprintf("spec.%s", [field])
	}
}

test_allowed_own_namespaces if {
	count(seg_op_005.deny) == 0 with input as requests.create("Pod", requests.pod({"hostPID": false}))
}

test_exempt_shared_inside_the_pod if {
	count(seg_op_005.deny) == 0 with input as requests.create("Pod", requests.pod({"shareProcessNamespace": true}))
}

test_malformed_spec_is_no_crash if {
	count(seg_op_005.deny) == 0 with input as requests.create("Pod", requests.pod("x"))
}
