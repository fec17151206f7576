package packs.segmentation_baseline.seg_op_002_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_op_002

with_port(port, more) := requests.pod(object.union({"containers": [{"name": "c", "image": "i", "ports": [port]}]}, more))

test_denied_host_port if {
	some violation in seg_op_002.deny with input as requests.create("Pod", with_port({"containerPort": 80, "hostPort": 8080}, {}))
	violation.path == "spec.containers[0].ports[0].hostPort"
	violation.details.hostPort == 8080
}

test_allowed_container_port if {
	count(seg_op_002.deny) == 0 with input as requests.create("Pod", with_port({"containerPort": 80}, {}))
	count(seg_op_002.deny) == 0 with input as requests.create("Pod", with_port({"containerPort": 80, "hostPort": 0}, {}))
}

test_exempt_host_network if {
	pod := with_port({"containerPort": 80, "hostPort": 80}, {"hostNetwork": true})
	count(seg_op_002.deny) == 0 with input as requests.create("Pod", pod)
}

test_malformed_ports_are_no_crash if {
	count(seg_op_002.deny) == 0 with input as requests.create("Pod", with_port("x", {}))
}
