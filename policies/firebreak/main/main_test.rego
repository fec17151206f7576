package firebreak.main_test

import data.firebreak.main

request(operation, old) := {"uid": "u1", "operation": operation, "object": {"bad": true}, "oldObject": old}

asked(operation, old) := {"review": {"request": request(operation, old)}, "pack": "stub", "rules": ["r"], "facts": {}}

test_uid_is_echoed if {
	main.answer.uid == "u1" with input as asked("CREATE", null)
}

test_violation_names_its_rule if {
	{v.rule | some v in main.answer.violations} == {"r"} with input as asked("CREATE", null)
}

test_rules_that_were_not_chosen_stay_silent if {
	count(main.answer.violations) == 0 with input as object.union(asked("CREATE", null), {"rules": ["another"]})
}

test_what_is_no_violation_is_handed_on if {
	some violation in main.answer.violations with input as asked("CREATE", null) with data.packs.stub.r.deny as {5}
	violation.misshapen == 5
	some other in main.answer.violations with input as asked("CREATE", null) with data.packs.stub.r.deny as "no set"
	other.misshapen == "no set"
}

test_old_object_is_judged_on_update if {
	count(main.answer.previous) == 1 with input as asked("UPDATE", {"bad": true})
	count(main.answer.previous) == 0 with input as asked("UPDATE", {"bad": false})
}

test_nothing_was_before_a_create if {
	main.answer.previous == set() with input as asked("CREATE", null)
}
