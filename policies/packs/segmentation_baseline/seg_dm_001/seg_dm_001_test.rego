package packs.segmentation_baseline.seg_dm_001_test

import data.packs.segmentation_baseline.seg_dm_001

namespace(labels) := {"review": {"request": {"object": {"metadata": {"labels": labels}}}}}

required := {"env": ["prod", "test"], "owner": []}

test_denied_missing_and_unknown if {
	found := seg_dm_001.deny with input as namespace({"env": "moon"})
		with data.params.segmentation_baseline.seg_dm_001.required as required
	count(found) == 2
}

test_allowed_from_the_list if {
	count(seg_dm_001.deny) == 0 with input as namespace({"env": "prod", "owner": "me"})
		with data.params.segmentation_baseline.seg_dm_001.required as required
}

test_exempt_while_nothing_is_required if {
	count(seg_dm_001.deny) == 0 with input as namespace({})
}

test_malformed_labels_are_missing if {
	count(seg_dm_001.deny) == 2 with input as namespace(1)
		with data.params.segmentation_baseline.seg_dm_001.required as required
}
