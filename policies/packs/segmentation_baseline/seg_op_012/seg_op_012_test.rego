package packs.segmentation_baseline.seg_op_012_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_op_012

host_process := {"windowsOptions": {"hostProcess": true}}

test_denied_for_the_pod if {
	some violation in seg_op_012.deny with input as requests.create("Pod", requests.pod({"securityContext": host_process}))
	violation.path == "spec.securityContext.windowsOptions.hostProcess"
}

test_denied_for_a_container if {
	pod := requests.pod({"initContainers": [{"name": "c", "securityContext": host_process}]})
	some violation in seg_op_012.deny with input as requests.create("Pod", pod)
	violation.path == "spec.initContainers[0].securityContext.windowsOptions.hostProcess"
}

test_allowed_ordinary_windows if {
	count(seg_op_012.deny) == 0 with input as requests.create("Pod", requests.pod({"securityContext": {"windowsOptions": {"runAsUserName": "u"}}}))
}

test_exempt_linux if {
	count(seg_op_012.deny) == 0 with input as requests.create("Pod", requests.pod({"containers": [{"name": "c"}]}))
}

test_malformed_options_are_no_crash if {
	count(seg_op_012.deny) == 0 with input as requests.create("Pod", requests.pod({"securityContext": "x"}))
}
