package packs.segmentation_baseline.seg_dm_009_test

import data.packs.segmentation_baseline.seg_dm_009

flow(classes, first, last) := {
	"words": "10.0.0.0/8 from shop on tcp",
	"to": {"kind": "addresses", "everyAddress": false, "classes": classes},
	"ports": [{"protocol": "TCP", "from": first, "to": last}],
	"policies": [],
}

given(classes, first, last) := {
	"effect": {"opened": [flow(classes, first, last)]},
	"review": {"request": {"namespace": "shop", "name": "web", "kind": {"kind": "NetworkPolicy"}}},
}

test_denied_kubelet if {
	some violation in seg_dm_009.deny with input as given(["private"], 10000, 11000)
	contains(violation.message, "kubelet")
}

test_allowed_other_ports if {
	count(seg_dm_009.deny) == 0 with input as given(["private"], 443, 443)
}

test_allowed_public_addresses if {
	count(seg_dm_009.deny) == 0 with input as given(["public"], 10250, 10250)
}

test_exempt_by_parameter if {
	count(seg_dm_009.deny) == 0 with input as given(["private"], 10250, 10250)
		with data.params.segmentation_baseline.seg_dm_009.namespaces as ["shop"]
}

test_malformed_effect_is_no_crash if {
	count(seg_dm_009.deny) == 0 with input as {"effect": {"opened": [{}]}, "review": {"request": {"namespace": "shop"}}}
}
