package packs.segmentation_baseline.seg_eg_005_test

import data.packs.segmentation_baseline.seg_eg_005

given(cidr, public) := {"effect": {"addresses": {"egress": {"blocks": [{"cidr": cidr, "path": "spec.egress[0]", "public": public}]}}}}

test_denied_outside_the_register if {
	some violation in seg_eg_005.deny with input as given("8.8.8.8/32", true)
		with data.params.segmentation_baseline.seg_eg_005.register as ["9.9.9.0/24", "2a00::/16"]
	violation.details.cidr == "8.8.8.8/32"
}

test_allowed_inside_the_register if {
	count(seg_eg_005.deny) == 0 with input as given("9.9.9.9/32", true)
		with data.params.segmentation_baseline.seg_eg_005.register as ["9.9.9.0/24"]
}

test_exempt_without_a_register if {
	count(seg_eg_005.deny) == 0 with input as given("8.8.8.8/32", true)
}

test_malformed_private_block_is_no_matter if {
	count(seg_eg_005.deny) == 0 with input as given("10.0.0.0/8", false)
		with data.params.segmentation_baseline.seg_eg_005.register as ["9.9.9.0/24"]
}
