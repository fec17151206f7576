package packs.segmentation_baseline.seg_dd_002_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_dd_002

closed := {"podSelector": {}, "policyTypes": ["Egress"]}

opened := {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{}]}

with_facts(request, denied) := object.union(request, {"facts": {"deniedDirections": denied, "namespace": {"terminating": false}}})

test_warned_removed if {
	some violation in seg_dd_002.deny with input as with_facts(requests.delete_policy(closed), [])
	violation.details.direction == "egress"
}

test_warned_opened if {
	count(seg_dd_002.deny) == 1 with input as with_facts(requests.update_policy(closed, opened), [])
}

test_allowed_while_another_stands if {
	count(seg_dd_002.deny) == 0 with input as with_facts(requests.delete_policy(closed), ["egress"])
	count(seg_dd_002.deny) == 0 with input as with_facts(requests.update_policy(closed, closed), [])
	count(seg_dd_002.deny) == 0 with input as with_facts(requests.delete_policy(opened), [])
}

test_exempt_terminating_namespace if {
	leaving := {"facts": {"deniedDirections": [], "namespace": {"terminating": true}}}
	count(seg_dd_002.deny) == 0 with input as object.union(requests.delete_policy(closed), leaving)
}

test_warned_namespace_that_stands_open if {
	some violation in seg_dd_002.deny with input as with_facts(standing, [])
	violation.details.direction == "egress"
	count(seg_dd_002.deny) == 0 with input as with_facts(standing, ["egress"])
	count(seg_dd_002.deny) == 0 with input as with_facts(requests.create("Namespace", {"metadata": {"name": "shop"}}), [])
}

standing := object.union(requests.create("Namespace", {"metadata": {"name": "shop"}}), {"review": {"request": {"operation": "AUDIT"}}})

test_malformed_policy_is_no_crash if {
	count(seg_dd_002.deny) == 0 with input as with_facts(requests.delete_policy("x"), [])
}
