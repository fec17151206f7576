# METADATA
# title: Days
# scope: package
package lib.dates

# METADATA
# description: Days since 1970-01-01 of a date (`2026-12-31`, what follows is left out). Undefined for what is none. Source of the formula is the proleptic Gregorian calendar.
days(text) := result if {
	regex.match(`^[0-9]{4}-[0-9]{2}-[0-9]{2}`, text)
	parts := [to_number(part) | some part in split(substring(text, 0, 10), "-")]
	shifted := floor((14 - parts[1]) / 12)
	year := (parts[0] + 4800) - shifted
	month := (parts[1] + (12 * shifted)) - 3
	leaps := (floor(year / 4) - floor(year / 100)) + floor(year / 400)
	result := (((parts[2] + floor(((153 * month) + 2) / 5)) + (365 * year)) + leaps) - 2472633
}

today := days(input.now)
