package packs.segmentation_baseline.seg_eg_008_test

import data.packs.segmentation_baseline.seg_eg_008

opened(public, inherited) := {
	"review": {"request": {"namespace": "shop"}},
	"facts": {"inherited": inherited, "exposureKey": "firebreak.dev/exposure"},
	"effect": {"addresses": {"ingress": {"blocks": [{"path": "spec.ingress[0]", "cidr": "0.0.0.0/0", "public": public}]}}},
}

test_denied_public_source if {
	some violation in seg_eg_008.deny with input as opened(true, {})
	violation.path == "spec.ingress[0]"
}

test_denied_long_list_once if {
	blocks := [{"path": sprintf("spec.ingress[%v]", [i]), "cidr": "8.8.8.0/24", "public": true} | some i in numbers.range(1, 60)]
	some violation in seg_eg_008.deny with input as opened(true, {})
		with input.effect.addresses.ingress.blocks as blocks
	contains(violation.message, "a list of 60 blocks")
}

test_allowed_private_source if {
	count(seg_eg_008.deny) == 0 with input as opened(false, {})
}

test_exempt_exposed_namespace if {
	count(seg_eg_008.deny) == 0 with input as opened(true, {"firebreak.dev/exposure": "internet"})
}

test_malformed_block_is_denied if {
	some violation in seg_eg_008.deny with input as {"effect": {"addresses": {"ingress": {"unreadable": ["spec.ingress[0]"]}}}}
	violation.path == "spec.ingress[0]"
}

test_malformed_effect_is_no_crash if {
	count(seg_eg_008.deny) == 0 with input as {"effect": {"addresses": {"ingress": {"blocks": "x"}}}}
}
