# METADATA
# title: The rules of a NetworkPolicy
# scope: package
package lib.policies

import data.lib.objects

sides := {"ingress": "from", "egress": "to"}

types := {"ingress": "Ingress", "egress": "Egress"}

# METADATA
# description: Every rule of the policy with its direction, its index, its peers and its ports; lists that are absent are empty.
rules := [{"direction": direction, "path": path, "side": side, "peers": peers, "ports": ports} |
	some direction, side in sides
	some index, rule in object.get(input.review.request.object, ["spec", direction], [])

	# Not by sprintf, which leaves the module for each call.
	path := concat("", ["spec.", direction, "[", format_int(index, 10), "]"])
	peers := object.get(rule, side, [])
	ports := object.get(rule, "ports", [])
]

# METADATA
# description: Directions that a policy isolates every pod of its namespace in, and opens to nobody.
denied_directions(policy) := {direction |
	some direction, type in types
	object.get(policy, ["spec", "podSelector"], {}) == {}
	type in object.get(policy, ["spec", "policyTypes"], [])
	count(object.get(policy, ["spec", direction], [])) == 0
}

# METADATA
# description: >-
#   Directions that the old policy denied to all pods, the new one does not, and no other policy of the namespace does. A
#   namespace that goes needs none, and what Firebreak keeps itself it restores.
uncovered_directions := lost - {direction | some direction in input.facts.deniedDirections} if {
	not input.facts.namespace.terminating
	not reserved
	lost := denied_directions(input.review.request.oldObject) - still_denied
}

# METADATA
# description: Holds for a namespace, as it stands, whose pods no policy denies a direction by default.
stands_open(direction) if {
	input.review.request.operation == "AUDIT"
	input.review.request.kind.kind == "Namespace"
	not input.facts.namespace.terminating
	not direction in input.facts.deniedDirections
}

still_denied := denied_directions(input.review.request.object) if input.review.request.operation == "UPDATE"

still_denied := set() if input.review.request.operation == "DELETE"

# METADATA
# description: The names that only Firebreak writes.
reserved if {
	some reserved_name in input.facts.reserved.policyNames
	objects.name == reserved_name
}

reserved if startswith(objects.name, input.facts.reserved.policyPrefix)
