# METADATA
# title: The rules of a NetworkPolicy
# scope: package
package lib.policies

sides := {"ingress": "from", "egress": "to"}

types := {"ingress": "Ingress", "egress": "Egress"}

# METADATA
# description: Every rule of the policy with its direction, its index, its peers and its ports; lists that are absent are empty.
rules contains {"direction": direction, "path": path, "side": side, "peers": peers, "ports": ports} if {
	some direction, side in sides
	some index, rule in object.get(input.review.request.object, ["spec", direction], [])
	path := sprintf("spec.%s[%d]", [direction, index])
	peers := object.get(rule, side, [])
	ports := object.get(rule, "ports", [])
}

# METADATA
# description: Directions that a policy isolates every pod of its namespace in, and opens to nobody.
denied_directions(policy) := {direction |
	some direction, type in types
	object.get(policy, ["spec", "podSelector"], {}) == {}
	type in object.get(policy, ["spec", "policyTypes"], [])
	count(object.get(policy, ["spec", direction], [])) == 0
}
