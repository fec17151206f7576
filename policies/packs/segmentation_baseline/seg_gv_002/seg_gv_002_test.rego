package packs.segmentation_baseline.seg_gv_002_test

import data.packs.segmentation_baseline.seg_gv_002

given(enclave, day) := {
	"now": "2026-01-01T00:00:00Z",
	"facts": {"enclave": enclave, "reserved": {"policyNames": [], "policyPrefix": "firebreak-"}},
	"review": {"request": {"namespace": "shop", "name": "web", "object": {"metadata": {"annotations": {"firebreak.dev/review-by": day}}}}},
}

told(enclave, day) := violation.message if {
	some violation in seg_gv_002.deny with input as given(enclave, day)
}

test_denied_overdue_soon_and_far if {
	contains(told(false, "2025-12-31"), "was due")
	contains(told(false, "2026-01-15"), "is due")
	contains(told(false, "2027-01-01"), "365 days")
}

test_denied_missing_in_an_enclave if {
	contains(told(true, ""), "names no day")
}

test_allowed_within_reach if {
	count(seg_gv_002.deny) == 0 with input as given(true, "2026-03-01")
}

test_exempt_outside_of_enclaves if {
	count(seg_gv_002.deny) == 0 with input as given(false, "")
}

test_malformed_date_is_told if {
	contains(told(false, "soon"), "no date")
}
