package packs.segmentation_baseline.seg_dm_003_test

import data.packs.segmentation_baseline.seg_dm_003

opened := {
	"type": "Environment",
	"direction": "ingress",
	"guard": "deny",
	"domain": "production",
	"words": "shop from other on tcp/443",
	"policies": [],
}

review := {"request": {"kind": {"kind": "NetworkPolicy"}, "name": "web"}}

test_denied_crossing if {
	some violation in seg_dm_003.deny with input as {"review": review, "effect": {"crossings": [opened]}}
	violation.action == "deny"
}

test_allowed_without_a_crossing if {
	count(seg_dm_003.deny) == 0 with input as {"review": review, "effect": {"crossings": []}}
}

test_exempt_other_types if {
	other := object.union(opened, {"type": "Organization2"})
	count(seg_dm_003.deny) == 0 with input as {"review": review, "effect": {"crossings": [other]}}
}

test_malformed_effect_is_no_crash if {
	count(seg_dm_003.deny) == 0 with input as {"review": review, "effect": {}}
}
