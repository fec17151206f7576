package packs.segmentation_baseline.seg_id_004_test

import data.packs.segmentation_baseline.seg_id_004

tenant := "firebreak.dev/tenant"

mode := "firebreak.dev/mode"

nobody := {"changeLabels": false, "setMode": false}

asked(operation, old, new, access) := {
	"review": {"request": {"operation": operation, "name": "shop", "oldObject": old, "object": new}},
	"facts": {"protectedNamespaceKeys": [tenant], "modeKey": mode, "derivedMode": "enforce", "access": access},
}

labelled(labels) := {"metadata": {"labels": labels}}

test_denied_relabelling if {
	some violation in seg_id_004.deny with input as asked("UPDATE", labelled({tenant: "a"}), labelled({tenant: "b"}), nobody)
	contains(violation.message, "from a to b")
}

test_denied_removal_of_the_label if {
	some violation in seg_id_004.deny with input as asked("UPDATE", labelled({tenant: "a"}), {"metadata": {}}, nobody)
	contains(violation.message, "from a to nothing")
}

test_denied_claim_at_birth if {
	count(seg_id_004.deny) == 1 with input as asked("CREATE", null, labelled({tenant: "a", mode: "enforce"}), nobody)
}

test_denied_mode if {
	some violation in seg_id_004.deny with input as asked("UPDATE", labelled({}), labelled({mode: "observe"}), nobody)
	contains(violation.fix, "namespacemodes")
	count(seg_id_004.deny) == 1 with input as asked("CREATE", null, labelled({mode: "observe"}), nobody)
}

test_allowed_for_those_who_may if {
	access := {"changeLabels": true, "setMode": true}
	count(seg_id_004.deny) == 0 with input as asked("UPDATE", labelled({tenant: "a"}), labelled({tenant: "b", mode: "stage"}), access)
}

test_denied_mode_that_is_none if {
	access := {"changeLabels": true, "setMode": true}
	some violation in seg_id_004.deny with input as asked("UPDATE", labelled({}), labelled({mode: "Enforce"}), access)
	violation.message == "Enforce is no mode"
}

test_allowed_free_labels if {
	count(seg_id_004.deny) == 0 with input as asked("UPDATE", labelled({tenant: "a"}), labelled({tenant: "a", "x": "y"}), nobody)
}

test_exempt_mode_that_was_stamped if {
	count(seg_id_004.deny) == 0 with input as asked("CREATE", null, labelled({mode: "enforce"}), nobody)
}

test_malformed_labels_are_no_crash if {
	count(seg_id_004.deny) == 0 with input as asked("UPDATE", {}, {"metadata": {"labels": null}}, nobody)
}

moved(owners, access) := {
	"facts": {"protectedNamespaceKeys": [], "modeKey": "firebreak.dev/mode", "access": {"changeLabels": access}},
	"effect": {"moved": [{"domain": "acme", "type": "Tenant", "change": "joins", "owners": owners}]},
	"review": {"request": {
		"name": "shop",
		"userInfo": {"username": "alice", "groups": ["developers"]},
		"object": {"metadata": {}},
		"oldObject": {"metadata": {}},
	}},
}

test_denied_move_into_a_domain_of_others if {
	some violation in seg_id_004.deny with input as moved([{"kind": "Group", "name": "acme-owners"}], false)
	violation.details.domain == "acme"
}

test_allowed_move_by_an_owner if {
	count(seg_id_004.deny) == 0 with input as moved([{"kind": "Group", "name": "developers"}], false)
	count(seg_id_004.deny) == 0 with input as moved([{"kind": "User", "name": "alice"}], false)
	count(seg_id_004.deny) == 0 with input as moved([{"kind": "Group", "name": "acme-owners"}], true)
	count(seg_id_004.deny) == 0 with input as moved([], false)
}

test_denied_two_tenants_at_once if {
	given := object.union(moved([], true), {"effect": {"tenants": ["acme", "zenith"]}})
	some violation in seg_id_004.deny with input as given
	contains(violation.message, "acme and zenith")
}
