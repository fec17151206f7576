package packs.segmentation_baseline.seg_gv_007_test

import data.packs.segmentation_baseline.seg_gv_007

given(day) := {"now": "2026-01-01T00:00:00Z", "review": {"request": {"object": {"spec": {"from": "a", "to": "b", "reviewBy": day}}}}}

test_denied_overdue if {
	some violation in seg_gv_007.deny with input as given("2025-12-01T00:00:00Z")
	contains(violation.message, "2025-12-01")
}

test_allowed_in_time if {
	count(seg_gv_007.deny) == 0 with input as given("2026-12-01T00:00:00Z")
}

test_malformed_date_is_the_API_servers_matter if {
	count(seg_gv_007.deny) == 0 with input as given("soon")
}

test_exempt_without_spec if {
	count(seg_gv_007.deny) == 0 with input as {"review": {"request": {"object": {}}}}
}
