package packs.segmentation_baseline.seg_ex_007_test

import data.packs.segmentation_baseline.seg_ex_007

given(covered, open) := {"effect": {"exposed": [{"workload": "shop/web", "covered": covered, "open": open}]}}

test_denied_uncovered if {
	some violation in seg_ex_007.deny with input as given(false, false)
	contains(violation.message, "no ingress policy")
}

test_denied_open if {
	count(seg_ex_007.deny) == 1 with input as given(true, true)
}

test_allowed_covered if {
	count(seg_ex_007.deny) == 0 with input as given(true, false)
}

test_exempt_what_exposes_nothing if {
	count(seg_ex_007.deny) == 0 with input as {"effect": {"exposed": []}}
}

test_malformed_effect_is_no_crash if {
	count(seg_ex_007.deny) == 0 with input as {"effect": {}}
}
