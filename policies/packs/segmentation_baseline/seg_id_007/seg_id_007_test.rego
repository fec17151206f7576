package packs.segmentation_baseline.seg_id_007_test

import data.packs.segmentation_baseline.seg_id_007

given(own, theirs) := {
	"effect": {"shared": [{"service": "db", "workload": "db", "labels": {"firebreak.dev/owner": theirs}}]},
	"review": {"request": {"kind": {"kind": "Pod"}, "object": {"metadata": {"labels": {"firebreak.dev/owner": own}}}}},
}

test_denied_other_owner if {
	some violation in seg_id_007.deny with input as given("eve", "alice")
	violation.details.service == "db"
}

test_allowed_same_owner if {
	count(seg_id_007.deny) == 0 with input as given("alice", "alice")
}

test_exempt_without_owner if {
	count(seg_id_007.deny) == 0 with input as given("eve", null)
		with data.params.segmentation_baseline.seg_id_007.ownerKeys as []
}

test_malformed_effect_is_no_crash if {
	count(seg_id_007.deny) == 0 with input as {"effect": {"shared": [1]}, "review": {"request": {"kind": {"kind": "Pod"}, "object": {}}}}
}
