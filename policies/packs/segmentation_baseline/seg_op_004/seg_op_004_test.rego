package packs.segmentation_baseline.seg_op_004_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_op_004

running(field, context) := requests.pod({field: [{"name": "c", "image": "i", "securityContext": context}]})

test_denied_in_each_list_of_containers if {
	some field in ["containers", "initContainers", "ephemeralContainers"]
	some violation in seg_op_004.deny with input as requests.create("Pod", running(field, {"privileged": true}))
	violation.path == sprintf("spec.%s[0].securityContext.privileged", [field])
}

test_allowed_unprivileged if {
	count(seg_op_004.deny) == 0 with input as requests.create("Pod", running("containers", {"privileged": false}))
	count(seg_op_004.deny) == 0 with input as requests.create("Pod", running("containers", {}))
}

test_exempt_kind_without_pods if {
	count(seg_op_004.deny) == 0 with input as requests.create("Service", {})
}

test_malformed_context_is_no_crash if {
	count(seg_op_004.deny) == 0 with input as requests.create("Pod", running("containers", "x"))
}
