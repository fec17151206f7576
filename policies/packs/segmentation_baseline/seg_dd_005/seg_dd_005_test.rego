package packs.segmentation_baseline.seg_dd_005_test

import data.packs.segmentation_baseline.seg_dd_005

facts := {
	"namespace": {"mode": "enforce", "terminating": false},
	"livePods": 3,
	"defaultDenyStored": true,
	"reserved": {"policyNames": ["firebreak-default-deny"], "policyPrefix": "firebreak-apiserver-ingress-"},
}

asked(operation, name, old, new) := {
	"review": {"request": {
		"operation": operation,
		"name": name,
		"namespace": "shop",
		"oldObject": old,
		"object": new,
	}},
	"facts": facts,
}

deny_all := {"spec": {"podSelector": {}, "policyTypes": ["Ingress"]}}

removal := asked("DELETE", "firebreak-default-deny", deny_all, null)

test_denied_removal_while_pods_run if {
	some violation in seg_dd_005.deny with input as removal
	contains(violation.message, "3 live pods")
	not violation.action
}

test_exempt_removal_without_pods if {
	count(seg_dd_005.deny) == 0 with input as removal with input.facts.livePods as 0
}

test_exempt_removal_with_a_terminating_namespace if {
	count(seg_dd_005.deny) == 0 with input as removal with input.facts.namespace.terminating as true
}

test_exempt_removal_where_nothing_is_enforced if {
	count(seg_dd_005.deny) == 0 with input as removal with input.facts.namespace.mode as "observe"
}

test_denied_write_of_a_reserved_name if {
	count(seg_dd_005.deny) == 1 with input as asked("UPDATE", "firebreak-default-deny", deny_all, {"spec": {"ingress": [{}]}})
	count(seg_dd_005.deny) == 1 with input as asked("CREATE", "firebreak-apiserver-ingress-x", null, deny_all)
}

test_exempt_identical_restore if {
	count(seg_dd_005.deny) == 0 with input as asked("CREATE", "firebreak-default-deny", null, deny_all)
		with input.facts.reservedPolicyIntact as true
}

test_warned_when_a_user_removes_a_default_deny if {
	some violation in seg_dd_005.deny with input as asked("DELETE", "mine", deny_all, null)
	violation.action == "warn"
	contains(violation.message, "firebreak-default-deny still does")
}

test_warned_when_a_user_opens_a_default_deny if {
	opened := {"spec": {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{}]}}
	count(seg_dd_005.deny) == 1 with input as asked("UPDATE", "mine", deny_all, opened)
	count(seg_dd_005.deny) == 0 with input as asked("UPDATE", "mine", deny_all, opened) with input.facts.defaultDenyStored as false
}

test_allowed_changes_of_a_users_policy if {
	count(seg_dd_005.deny) == 0 with input as asked("UPDATE", "mine", deny_all, deny_all)
	count(seg_dd_005.deny) == 0 with input as asked("DELETE", "mine", {"spec": {"podSelector": {"matchLabels": {"a": "b"}}}}, null)
}

test_malformed_policy_is_no_crash if {
	count(seg_dd_005.deny) == 0 with input as asked("DELETE", "mine", {}, null)
}
