# METADATA
# title: The one entrypoint of a pack's module
# description: >-
#   Asks the rules that were chosen for the kind of the request, and again with the old object in the place of the new one
#   when something was found on an UPDATE, so that the caller can tell what this change made. The uid is echoed: an
#   evaluation that did not read its input cannot echo it.
# scope: package
package firebreak.main

# METADATA
# description: What the evaluator reads.
# entrypoint: true
answer := {
	"uid": input.review.request.uid,
	"violations": violations,
	"previous": previous,
}

# Each rule is asked once, whatever is then made of its answer.
found := [[rule, answered] |
	some rule in input.rules
	answered := data.packs[input.pack][rule].deny
]

violations contains object.union(violation, {"rule": rule}) if {
	some [rule, answered] in found
	some violation in answered
	is_object(violation)
}

# What is no violation is handed on, for the caller to refuse: left out, it would read as if nothing were wrong.
violations contains {"rule": rule, "misshapen": violation} if {
	some [rule, answered] in found
	some violation in answered
	not is_object(violation)
}

violations contains {"rule": rule, "misshapen": answered} if {
	some [rule, answered] in found
	not is_set(answered)
}

default previous := set()

previous := before if {
	input.review.request.operation == "UPDATE"
	count(violations) > 0
	before := violations with input.review.request.object as input.review.request.oldObject
		with input.effect as object.get(input, "effectBefore", {})
}
