package packs.segmentation_baseline.seg_sl_006_test

import data.packs.segmentation_baseline.seg_sl_006

policy(peer) := {
	"facts": {"protectedNamespaceKeys": ["firebreak.dev/tenant"]},
	"review": {"request": {"object": {"spec": {"ingress": [{"from": [peer]}]}}}},
}

test_denied_free_label if {
	some violation in seg_sl_006.deny with input as policy({"namespaceSelector": {"matchLabels": {"team": "a"}}})
	violation.details.keys == ["team"]
	violation.path == "spec.ingress[0].from[0].namespaceSelector"
}

test_denied_free_label_of_cluster_policy if {
	count(seg_sl_006.deny) == 1 with input as policy({"namespaces": {"matchExpressions": [{"key": "team", "operator": "Exists"}]}})
	count(seg_sl_006.deny) == 1 with input as policy({"pods": {"namespaceSelector": {"matchLabels": {"team": "a"}}}})
}

test_allowed_protected_and_name if {
	count(seg_sl_006.deny) == 0 with input as policy({"namespaceSelector": {"matchLabels": {"firebreak.dev/tenant": "a", "kubernetes.io/metadata.name": "b"}}})
}

test_exempt_by_parameter if {
	count(seg_sl_006.deny) == 0 with input as policy({"namespaceSelector": {"matchLabels": {"team": "a"}}})
		with data.params.segmentation_baseline.seg_sl_006.keys as ["team"]
}

test_malformed_selector_is_no_crash if {
	count(seg_sl_006.deny) == 0 with input as policy({"namespaceSelector": 7})
}
