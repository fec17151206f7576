package lib.dates_test

import data.lib.dates

test_days if {
	dates.days("1970-01-01") == 0
	dates.days("1970-03-01T00:00:00Z") == 59
	dates.days("2000-02-29") == 11016
	dates.days("2026-11-23") == 20780
}

test_no_date_is_undefined if {
	not dates.days("tomorrow")
}

test_today if {
	dates.today == 1 with input as {"now": "1970-01-02T10:00:00Z"}
}
