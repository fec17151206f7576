package packs.segmentation_baseline.seg_op_001_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_op_001

test_denied_host_network if {
	some violation in seg_op_001.deny with input as requests.create("Pod", requests.pod({"hostNetwork": true}))
	violation.path == "spec.hostNetwork"
}

test_denied_in_a_template if {
	spec := {"hostNetwork": true, "containers": [{"name": "c", "image": "node-exporter:1"}]}
	some violation in seg_op_001.deny with input as requests.create("DaemonSet", requests.deployment(spec))
	violation.path == "spec.template.spec.hostNetwork"
	violation.details.images == ["node-exporter:1"]
}

test_allowed_own_network if {
	count(seg_op_001.deny) == 0 with input as requests.create("Pod", requests.pod({"hostNetwork": false}))
	count(seg_op_001.deny) == 0 with input as requests.create("Pod", requests.pod({}))
}

test_malformed_spec_is_no_crash if {
	count(seg_op_001.deny) == 0 with input as requests.create("Pod", requests.pod("x"))
}
