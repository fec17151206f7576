package lib.flows_test

import data.lib.flows

crossing := {
	"type": "Tenant",
	"direction": "ingress",
	"guard": "deny",
	"domain": "acme",
	"words": "shop from other on tcp/80",
	"owners": [{"kind": "Group", "name": "acme-admins"}],
	"policies": [{"kind": "NetworkPolicy", "namespace": "shop", "name": "web", "path": "spec.ingress[0]"}],
}

request(kind, name) := {"request": {"kind": {"kind": kind}, "name": name}}

test_rule_of_the_object_is_named if {
	found := flows.crossings({"Tenant"}, {"ingress"}) with input as {"review": request("NetworkPolicy", "web"), "effect": {"crossings": [crossing]}}
	some violation in found
	violation.path == "spec.ingress[0]"
	violation.action == "deny"
	violation.details.patch == [{"op": "remove", "path": "/spec/ingress/0"}]
	contains(violation.fix, "acme-admins")
}

test_namespace_has_no_rule if {
	found := flows.crossings({"Tenant"}, {"ingress"}) with input as {
		"review": request("Namespace", "shop"),
		"effect": {"crossings": [object.remove(crossing, ["owners", "policies"])]},
	}
	some violation in found
	violation.path == "metadata.labels"
	violation.details.patch == []
	endswith(violation.fix, "FlowContract")
}

test_removed_policy_has_no_rule if {
	found := flows.crossings({"Tenant"}, {"ingress"}) with input as {"review": request("NetworkPolicy", "other"), "effect": {"crossings": [crossing]}}
	some violation in found
	violation.path == "spec"
}

test_other_types_and_directions_are_others if {
	given := {"review": request("NetworkPolicy", "web"), "effect": {"crossings": [crossing]}}
	count(flows.crossings({"Region"}, {"ingress"})) == 0 with input as given
	count(flows.crossings({"Tenant"}, {"egress"})) == 0 with input as given
}
