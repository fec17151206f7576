package packs.segmentation_baseline.seg_or_002_test

import data.packs.segmentation_baseline.seg_or_002

flow(name) := {
	"words": "shop from other on tcp/443",
	"policies": [],
	"deniedBy": [{"kind": "ClusterNetworkPolicy", "namespace": "", "name": name, "path": "spec.ingress[0]"}],
}

review := {"request": {"name": "mine", "kind": {"kind": "ClusterNetworkPolicy"}}}

test_denied_defeat if {
	some violation in seg_or_002.deny with input as {"review": review, "effect": {"opened": [flow("guard")]}}
	violation.details.defeated == "guard"
}

test_denied_tie if {
	some violation in seg_or_002.deny with input as {"review": review, "effect": {"ties": [{"kind": "ClusterNetworkPolicy", "name": "guard"}]}}
	violation.path == "spec.priority"
}

test_allowed_own_denial if {
	count(seg_or_002.deny) == 0 with input as {"review": review, "effect": {"opened": [flow("mine")]}}
}

test_exempt_what_opens_nothing if {
	count(seg_or_002.deny) == 0 with input as {"review": review, "effect": {"opened": [], "ties": []}}
}

test_malformed_effect_is_no_crash if {
	count(seg_or_002.deny) == 0 with input as {"review": review, "effect": {"opened": [1]}}
}
