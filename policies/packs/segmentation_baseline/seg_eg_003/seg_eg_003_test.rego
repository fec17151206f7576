package packs.segmentation_baseline.seg_eg_003_test

import data.packs.segmentation_baseline.seg_eg_003

given(cidr, classes) := {"effect": {"addresses": {"egress": {"blocks": [{"cidr": cidr, "path": "spec.egress[0]", "classes": classes}]}}}}

test_denied_documentation if {
	some violation in seg_eg_003.deny with input as given("192.0.2.0/24", ["documentation"])
	contains(violation.message, "nobody")
}

test_denied_straddling if {
	count(seg_eg_003.deny) == 1 with input as given("10.0.0.0/7", ["public", "private"])
}

test_allowed_one_kind if {
	count(seg_eg_003.deny) == 0 with input as given("10.0.0.0/8", ["private"])
}

test_exempt_the_whole_family if {
	count(seg_eg_003.deny) == 0 with input as given("0.0.0.0/0", ["public", "private"])
}

test_malformed_block_is_no_crash if {
	count(seg_eg_003.deny) == 0 with input as given("x", [])
}
