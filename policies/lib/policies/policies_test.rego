package lib.policies_test

import data.lib.policies

test_rules_of_both_directions if {
	spec := {"ingress": [{"from": [{"podSelector": {}}]}], "egress": [{"ports": [{"port": 1}]}]}
	found := policies.rules with input as {"review": {"request": {"object": {"spec": spec}}}}
	{rule.path | some rule in found} == {"spec.ingress[0]", "spec.egress[0]"}
}

test_denied_directions if {
	policies.denied_directions({"spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"], "egress": [{}]}}) == {"ingress"}
	policies.denied_directions({"spec": {"podSelector": {"matchLabels": {"a": "b"}}, "policyTypes": ["Ingress"]}}) == set()
}
