package packs.segmentation_baseline.seg_dd_006_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_dd_006

both := [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]

cluster_dns := {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}

to(peers, ports) := requests.create_policy({"egress": [{"to": peers, "ports": ports}]})

test_denied_to_anybody if {
	some violation in seg_dd_006.deny with input as to([], both)
	violation.path == "spec.egress[0].to"
}

test_denied_to_other_peers if {
	every peer in [{"namespaceSelector": {}}, {"ipBlock": {"cidr": "192.0.2.53/32"}}] {
		count(seg_dd_006.deny) == 1 with input as to([cluster_dns, peer], both)
	}
}

test_warned_without_tcp if {
	some violation in seg_dd_006.deny with input as to([cluster_dns], [{"port": 53, "protocol": "UDP"}])
	violation.action == "warn"
}

test_allowed_cluster_resolver if {
	count(seg_dd_006.deny) == 0 with input as to([cluster_dns], both)
	count(seg_dd_006.deny) == 0 with input as to([{"namespaceSelector": {}}], [{"port": 443, "protocol": "TCP"}])
}

test_exempt_node_local_cache if {
	count(seg_dd_006.deny) == 0 with input as to([{"ipBlock": {"cidr": "169.254.20.10/32"}}], both)
}

test_malformed_ports_are_no_crash if {
	count(seg_dd_006.deny) == 0 with input as to(["x"], ["y", 7])
}
