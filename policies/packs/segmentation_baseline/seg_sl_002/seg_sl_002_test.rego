package packs.segmentation_baseline.seg_sl_002_test

import data.packs.segmentation_baseline.seg_sl_002

policy(side, peer) := {"review": {"request": {"object": {"spec": {side: [{sides[side]: [peer]}]}}}}}

sides := {"ingress": "from", "egress": "to"}

test_denied_any_namespace if {
	some violation in seg_sl_002.deny with input as policy("ingress", {"namespaceSelector": {}})
	violation.path == "spec.ingress[0].from[0].namespaceSelector"
}

test_denied_even_with_pod_labels if {
	count(seg_sl_002.deny) == 1 with input as policy("ingress", {"namespaceSelector": {}, "podSelector": {"matchLabels": {"a": "b"}}})
}

test_exempt_egress_to_chosen_pods if {
	count(seg_sl_002.deny) == 0 with input as policy("egress", {"namespaceSelector": {}, "podSelector": {"matchLabels": {"a": "b"}}})
}

test_allowed_some_namespaces if {
	count(seg_sl_002.deny) == 0 with input as policy("ingress", {"namespaceSelector": {"matchLabels": {"a": "b"}}})
}

test_malformed_peer_is_no_crash if {
	count(seg_sl_002.deny) == 0 with input as policy("ingress", {"namespaceSelector": 1})
}
