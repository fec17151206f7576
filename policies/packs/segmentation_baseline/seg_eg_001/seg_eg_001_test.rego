package packs.segmentation_baseline.seg_eg_001_test

import data.packs.segmentation_baseline.seg_eg_001

opened(ipv4, ipv6, blocks) := {"effect": {"addresses": {"egress": {
	"publicIpv4": ipv4,
	"publicIpv6Networks": ipv6,
	"blocks": blocks,
}}}}

half(path, cidr) := {"path": path, "cidr": cidr, "public": true}

test_denied_world_in_two_halves if {
	blocks := [half("spec.egress[0]", "0.0.0.0/1"), half("spec.egress[1]", "128.0.0.0/1")]
	some violation in seg_eg_001.deny with input as opened(3702258432, 0, blocks)
	violation.path == "spec.egress[0]"
	contains(violation.fix, "0.0.0.0/1 and 128.0.0.0/1")
}

test_denied_ipv6_world if {
	count(seg_eg_001.deny) == 1 with input as opened(0, 4294967297, [half("spec.egress[0]", "::/0")])
}

test_allowed_up_to_the_limit if {
	count(seg_eg_001.deny) == 0 with input as opened(65536, 4294967296, [half("spec.egress[0]", "8.8.0.0/16")])
}

test_exempt_by_parameter if {
	count(seg_eg_001.deny) == 0 with input as opened(70000, 0, [])
		with data.params.segmentation_baseline.seg_eg_001.maxPublicIpv4 as 100000
}

test_malformed_block_is_denied if {
	some violation in seg_eg_001.deny with input as {"effect": {"addresses": {"egress": {"unreadable": ["spec.egress[0]"]}}}}
	violation.path == "spec.egress[0]"
}

test_malformed_effect_is_no_crash if {
	count(seg_eg_001.deny) == 0 with input as {"effect": {}}
}
