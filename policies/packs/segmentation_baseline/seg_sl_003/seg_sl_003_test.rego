package packs.segmentation_baseline.seg_sl_003_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_sl_003

other := {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "other"}}}

test_warned_peers_without_ports if {
	some violation in seg_sl_003.deny with input as requests.create_policy({"ingress": [{"from": [other]}]})
	violation.path == "spec.ingress[0].ports"
}

test_warned_wide_port_range if {
	ports := [{"port": 1, "endPort": 65535, "protocol": "TCP"}]
	some violation in seg_sl_003.deny with input as requests.create_policy({"egress": [{"to": [other], "ports": ports}]})
	violation.path == "spec.egress[0].ports[0].endPort"
}

test_allowed_named_ports if {
	ports := [{"port": 1, "endPort": 1000}, {"port": "http"}]
	count(seg_sl_003.deny) == 0 with input as requests.create_policy({"egress": [{"to": [other], "ports": ports}]})
}

test_exempt_same_namespace_peers if {
	count(seg_sl_003.deny) == 0 with input as requests.create_policy({"ingress": [{"from": [{"podSelector": {}}]}]})
}

test_malformed_ports_are_no_crash if {
	count(seg_sl_003.deny) == 0 with input as requests.create_policy({"egress": [{"to": [other], "ports": [{"port": "x", "endPort": 9}]}]})
}
