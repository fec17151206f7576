package packs.segmentation_baseline.seg_sl_004_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_sl_004

namespaces := {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ops"}}}

monitors := {"podSelector": {"matchLabels": {"app": "prometheus"}}}

from(peers) := requests.create_policy({"ingress": [{"from": peers}]})

test_warned_in_both_orders if {
	some violation in seg_sl_004.deny with input as from([namespaces, monitors])
	violation.path == "spec.ingress[0].from[0]"
	some turned in seg_sl_004.deny with input as from([monitors, namespaces])
	turned.path == "spec.ingress[0].from[1]"
}

test_allowed_both_in_one_peer if {
	count(seg_sl_004.deny) == 0 with input as from([object.union(namespaces, monitors)])
}

test_exempt_peers_of_one_sort if {
	count(seg_sl_004.deny) == 0 with input as from([namespaces, namespaces])
	count(seg_sl_004.deny) == 0 with input as from([monitors, {"ipBlock": {"cidr": "10.0.0.0/8"}}])
}

test_malformed_peers_are_no_crash if {
	count(seg_sl_004.deny) == 0 with input as from(["x", 7])
}
