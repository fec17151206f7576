package packs.segmentation_baseline.seg_ex_002_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_ex_002

service(spec) := requests.create("Service", {"spec": spec})

test_denied_node_port if {
	some violation in seg_ex_002.deny with input as service({"type": "NodePort"})
	violation.path == "spec.type"
}

test_allowed_cluster_ip if {
	count(seg_ex_002.deny) == 0 with input as service({"type": "ClusterIP"})
}

test_exempt_load_balancer if {
	count(seg_ex_002.deny) == 0 with input as service({"type": "LoadBalancer", "ports": [{"nodePort": 30000}]})
}

test_malformed_spec_is_no_crash if {
	count(seg_ex_002.deny) == 0 with input as service("x")
}
