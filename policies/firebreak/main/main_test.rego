package firebreak.main_test

import data.firebreak.main

policy(types) := {"spec": {"policyTypes": types, "egress": [{}]}}

request(operation, old) := {"uid": "u1", "operation": operation, "object": policy(["Ingress"]), "oldObject": old}

asked(operation, old) := {"review": {"request": request(operation, old)}, "pack": "segmentation_baseline", "rules": ["seg_dd_003"], "facts": {}}

test_uid_is_echoed if {
	main.answer.uid == "u1" with input as asked("CREATE", null)
}

test_violation_names_its_rule if {
	{v.rule | some v in main.answer.violations} == {"seg_dd_003"} with input as asked("CREATE", null)
}

test_rules_that_were_not_chosen_stay_silent if {
	count(main.answer.violations) == 0 with input as object.union(asked("CREATE", null), {"rules": ["seg_eg_001"]})
}

test_old_object_is_judged_on_update if {
	count(main.answer.previous) == 1 with input as asked("UPDATE", policy(["Ingress"]))
	count(main.answer.previous) == 0 with input as asked("UPDATE", policy(["Ingress", "Egress"]))
}

test_nothing_was_before_a_create if {
	main.answer.previous == set() with input as asked("CREATE", null)
}
