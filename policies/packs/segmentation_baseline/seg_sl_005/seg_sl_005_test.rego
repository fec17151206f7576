package packs.segmentation_baseline.seg_sl_005_test

import data.packs.segmentation_baseline.seg_sl_005

test_noted_dangling if {
	some violation in seg_sl_005.deny with input as {"effect": {"dangling": [{"path": "spec.podSelector", "words": "nothing"}]}}
	violation.path == "spec.podSelector"
}

test_allowed_without if {
	count(seg_sl_005.deny) == 0 with input as {"effect": {"dangling": []}}
}

test_exempt_other_kinds if {
	count(seg_sl_005.deny) == 0 with input as {"effect": {}}
}

test_malformed_entry_is_no_crash if {
	count(seg_sl_005.deny) == 0 with input as {"effect": {"dangling": [1]}}
}
