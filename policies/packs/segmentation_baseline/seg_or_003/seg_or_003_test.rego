package packs.segmentation_baseline.seg_or_003_test

import data.packs.segmentation_baseline.seg_or_003

given(rule) := {"review": {"request": {"object": {"spec": {"tier": "Admin", "ingress": [rule]}}}}}

narrow := {"action": "Accept", "from": [{"namespaces": {"matchLabels": {"a": "b"}}}], "protocols": [{"tcp": {}}]}

test_denied_every_port if {
	some violation in seg_or_003.deny with input as given(object.remove(narrow, ["protocols"]))
	contains(violation.message, "every port")
}

test_denied_every_namespace_and_address if {
	wide := object.union(narrow, {"from": [{"namespaces": {}}, {"networks": ["0.0.0.0/0"]}]})
	some violation in seg_or_003.deny with input as given(wide)
	contains(violation.message, "every address and every namespace")
}

test_allowed_narrow if {
	count(seg_or_003.deny) == 0 with input as given(narrow)
}

test_exempt_passes_and_baseline if {
	count(seg_or_003.deny) == 0 with input as given({"action": "Pass", "from": [{"namespaces": {}}]})
	count(seg_or_003.deny) == 0 with input as {"review": {"request": {"object": {"spec": {"tier": "Baseline", "ingress": [{"action": "Accept"}]}}}}}
}

test_malformed_rule_is_no_crash if {
	count(seg_or_003.deny) == 0 with input as given(1)
}
