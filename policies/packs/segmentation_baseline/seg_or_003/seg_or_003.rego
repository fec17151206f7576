# METADATA
# title: The admin tier allows narrowly
# description: >-
#   A rule of the Admin tier that accepts skips every NetworkPolicy of every team. It names ports, and it names some
#   namespaces or addresses, not all.
# scope: package
# custom:
#   id: SEG-OR-003
#   severity: high
#   action: deny
#   tier: Standard
#   ratchet: true
#   kinds: [policy.networking.k8s.io/ClusterNetworkPolicy, policy.networking.k8s.io/AdminNetworkPolicy]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     An acceptance above all others takes from each team the say over its own pods.
#   remediation: Pass instead of accepting, or name the ports and the peers.
package packs.segmentation_baseline.seg_or_003

deny contains violation if {
	object.get(request.object, ["spec", "tier"], "Admin") == "Admin"
	some direction, side in {"ingress": "from", "egress": "to"}
	some index, rule in object.get(request.object, ["spec", direction], [])
	rule.action in {"Accept", "Allow"}
	wide := [word | some word, _ in broad(rule, side)]
	count(wide) > 0
	violation := {
		"message": sprintf("accepts %s, above every NetworkPolicy", [concat(" and ", sort(wide))]),
		"path": sprintf("spec.%s[%d]", [direction, index]),
		"fix": "use Pass, or name the ports and the peers that are meant",
		"details": {"direction": direction},
	}
}

broad(rule, side) := {word: true |
	some word in ["every port", "every namespace", "every address"]
	is_broad(word, rule, side)
}

is_broad("every port", rule, _) if {
	not rule.protocols
	not rule.ports
}

is_broad("every namespace", rule, side) if {
	some peer in object.get(rule, side, [])
	some steps in [["namespaces"], ["pods", "namespaceSelector"]]
	object.get(peer, steps, null) == {}
}

is_broad("every address", rule, side) if {
	some peer in object.get(rule, side, [])
	some network in object.get(peer, "networks", [])
	endswith(network, "/0")
}

request := input.review.request
