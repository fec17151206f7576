package packs.segmentation_baseline.seg_id_002_test

import data.packs.segmentation_baseline.seg_id_002

pods(before, after, access) := {
	"facts": {"protectedKeys": ["firebreak.dev/tenant"], "access": {"changeLabels": access}},
	"review": {"request": {"oldObject": {"metadata": {"labels": before}}, "object": {"metadata": {"labels": after}}}},
}

test_denied_shed_label if {
	some violation in seg_id_002.deny with input as pods({"firebreak.dev/tenant": "acme"}, {}, false)
	violation.details.before == "acme"
}

test_allowed_same_label if {
	count(seg_id_002.deny) == 0 with input as pods({"firebreak.dev/tenant": "acme"}, {"firebreak.dev/tenant": "acme"}, false)
}

test_allowed_first_label if {
	count(seg_id_002.deny) == 0 with input as pods({}, {"firebreak.dev/tenant": "acme"}, false)
}

test_exempt_whoever_may if {
	count(seg_id_002.deny) == 0 with input as pods({"firebreak.dev/tenant": "acme"}, {}, true)
}

test_malformed_labels_are_none if {
	count(seg_id_002.deny) == 0 with input as pods(1, 2, false)
}
