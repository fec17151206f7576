package packs.segmentation_baseline.seg_dd_004_test

import data.packs.segmentation_baseline.seg_dd_004

test_noted_where_nothing_selects if {
	some violation in seg_dd_004.deny with input as {"effect": {"coverage": {"ingress": false, "egress": false}}}
	violation.details.directions == ["egress", "ingress"]
}

test_allowed_where_covered if {
	count(seg_dd_004.deny) == 0 with input as {"effect": {"coverage": {"ingress": true, "egress": true}}}
}

test_exempt_what_runs_no_pods if {
	count(seg_dd_004.deny) == 0 with input as {"effect": {}}
}

test_malformed_coverage_is_no_crash if {
	count(seg_dd_004.deny) == 0 with input as {"effect": {"coverage": 1}}
}
