package packs.segmentation_baseline.seg_or_004_test

import data.packs.segmentation_baseline.seg_or_004

review := {"request": {"name": "guard", "operation": "DELETE", "kind": {"kind": "ClusterNetworkPolicy"}, "userInfo": {"username": "alice"}}}

flow(name) := {"words": "shop from other on tcp/443", "deniedBy": [{"kind": "ClusterNetworkPolicy", "name": name, "path": "spec.ingress[0]"}]}

test_denied_required if {
	some violation in seg_or_004.deny with input as {"review": review, "effect": {"opened": [flow("guard")]}}
		with data.params.segmentation_baseline.seg_or_004.required as ["guard"]
	violation.action == "deny"
}

test_warned_otherwise if {
	some violation in seg_or_004.deny with input as {"review": review, "effect": {"opened": [flow("guard")]}}
	violation.action == "warn"
}

test_allowed_where_nothing_opens if {
	count(seg_or_004.deny) == 0 with input as {"review": review, "effect": {"opened": []}}
}

test_exempt_garbage_collection if {
	cleaner := {"userInfo": {"username": "system:serviceaccount:kube-system:generic-garbage-collector"}}
	count(seg_or_004.deny) == 0 with input as {"review": {"request": object.union(review.request, cleaner)}, "effect": {"opened": [flow("guard")]}}
}

test_malformed_effect_is_no_crash if {
	count(seg_or_004.deny) == 0 with input as {"review": review, "effect": {"opened": [1]}}
}
