# METADATA
# title: What a change opens
# description: Findings about flows that a change opens across boundaries that somebody declared.
# scope: package
package lib.flows

# METADATA
# description: >-
#   A finding for each flow across a guarded boundary of a domain of such a type and direction. The guard says how it ends: a
#   domain that warns never refuses.
crossings(types, directions) := {violation |
	some crossing in input.effect.crossings
	crossing.type in types
	crossing.direction in directions
	violation := {
		"message": sprintf("opens %s: %s %s without a contract", [crossing.words, verbs[crossing.direction], crossing.domain]),
		"path": path(crossing),
		"fix": sprintf("%s, or agree on a FlowContract%s", [narrower(crossing), owned(crossing)]),
		"details": {
			"domain": crossing.domain,
			"direction": crossing.direction,
			"flow": crossing.words,
			"owners": object.get(crossing, "owners", []),
			"patch": patch(crossing),
		},
		"action": crossing.guard,
	}
}

verbs := {"ingress": "into", "egress": "out of"}

# METADATA
# description: The rule of the judged object that lets a flow through; the object itself where none of its rules does.
path(flow) := own_rules(flow)[0]

path(flow) := "metadata.labels" if {
	count(own_rules(flow)) == 0
	input.review.request.kind.kind == "Namespace"
}

path(flow) := "spec" if {
	count(own_rules(flow)) == 0
	input.review.request.kind.kind != "Namespace"
}

# METADATA
# description: The smallest change of the object that opens nothing, as an RFC 6902 patch; empty where only the whole change can be left.
patch(flow) := [{"op": "remove", "path": sprintf("/%s", [replace(replace(replace(rule, ".", "/"), "[", "/"), "]", "")])}] if {
	some rule in array.slice(own_rules(flow), 0, 1)
}

patch(flow) := [] if count(own_rules(flow)) == 0

own_rules(flow) := [policy.path |
	some policy in object.get(flow, "policies", [])
	policy.kind == input.review.request.kind.kind
	policy.name == name
]

name := object.get(input.review.request, ["object", "metadata", "name"], input.review.request.name)

narrower(flow) := sprintf("remove or narrow %s", [own_rules(flow)[0]])

narrower(flow) := "leave the object as it is" if count(own_rules(flow)) == 0

owned(crossing) := sprintf(" with %s", [concat(", ", sort({owner.name | some owner in crossing.owners}))]) if {
	count(object.get(crossing, "owners", [])) > 0
}

owned(crossing) := "" if count(object.get(crossing, "owners", [])) == 0
