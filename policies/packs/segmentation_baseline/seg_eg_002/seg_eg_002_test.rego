package packs.segmentation_baseline.seg_eg_002_test

import data.packs.segmentation_baseline.seg_eg_002

opened(cidr, metadata, ports) := {"effect": {"addresses": {"egress": {"blocks": [{
	"path": "spec.egress[0].to[0].ipBlock.cidr",
	"cidr": cidr,
	"metadata": metadata,
	"ports": ports,
}]}}}}

exact := opened("169.254.169.254/32", ["169.254.169.254"], [{"port": 80, "protocol": "TCP"}])

test_denied_broad_block if {
	some violation in seg_eg_002.deny with input as opened("169.254.0.0/16", ["169.254.169.254"], [])
	contains(violation.fix, "169.254.169.254/32")
}

test_denied_ipv6_address if {
	some violation in seg_eg_002.deny with input as opened("fd00::/8", ["fd00:ec2::254"], [])
	contains(violation.fix, "fd00:ec2::254/128")
}

test_denied_exact_address_without_a_cloud if {
	count(seg_eg_002.deny) == 1 with input as exact
}

test_denied_exact_address_on_all_ports if {
	count(seg_eg_002.deny) == 1 with input as opened("169.254.169.254/32", ["169.254.169.254"], [])
		with data.params.segmentation_baseline.seg_eg_002.cloud as "aws"
}

test_exempt_exact_pair_of_the_cloud if {
	count(seg_eg_002.deny) == 0 with input as exact
		with data.params.segmentation_baseline.seg_eg_002.cloud as "aws"
}

test_allowed_other_addresses if {
	count(seg_eg_002.deny) == 0 with input as opened("10.0.0.0/8", [], [])
}

test_malformed_effect_is_no_crash if {
	count(seg_eg_002.deny) == 0 with input as {"effect": {"addresses": null}}
}
