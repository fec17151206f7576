package lib.policies_test

import data.lib.policies
import data.lib.requests

test_rules_of_both_directions if {
	spec := {"ingress": [{"from": [{"podSelector": {}}]}], "egress": [{"ports": [{"port": 1}]}]}
	found := policies.rules with input as {"review": {"request": {"object": {"spec": spec}}}}
	{rule.path | some rule in found} == {"spec.ingress[0]", "spec.egress[0]"}
}

test_denied_directions if {
	policies.denied_directions({"spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"], "egress": [{}]}}) == {"ingress"}
	policies.denied_directions({"spec": {"podSelector": {"matchLabels": {"a": "b"}}, "policyTypes": ["Ingress"]}}) == set()
}

test_uncovered_directions if {
	closed := {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
	facts := {"facts": {"deniedDirections": ["egress"], "namespace": {"terminating": false}}}
	policies.uncovered_directions == {"ingress"} with input as object.union(requests.delete_policy(closed), facts)
	policies.uncovered_directions == set() with input as object.union(requests.update_policy(closed, closed), facts)
}

test_reserved_names if {
	policies.reserved with input as named("ours")
	policies.reserved with input as named("ours-in-webhooks")
	not policies.reserved with input as named("theirs")
}

named(name) := object.union(requests.create("NetworkPolicy", {}), {
	"facts": {"reserved": {"policyNames": ["ours"], "policyPrefix": "ours-in-"}},
	"review": {"request": {"name": name}},
})

test_stands_open if {
	namespace := object.union(requests.create("Namespace", {}), {"review": {"request": {"operation": "AUDIT"}}})
	one_denied := object.union(namespace, {"facts": {"deniedDirections": ["ingress"]}})
	policies.stands_open("egress") with input as one_denied
	not policies.stands_open("ingress") with input as one_denied
}
