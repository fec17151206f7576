# METADATA
# title: Peers are selected by labels that are guarded
# description: >-
#   A namespace selector in a peer names protected keys or kubernetes.io/metadata.name. Any other label of a namespace can
#   be set by whoever may edit it.
# scope: package
# custom:
#   id: SEG-SL-006
#   severity: high
#   action: warn
#   enclaveAction: deny
#   tier: Standard
#   ratchet: true
#   kinds: [networking.k8s.io/NetworkPolicy, policy.networking.k8s.io/ClusterNetworkPolicy, policy.networking.k8s.io/AdminNetworkPolicy, policy.networking.k8s.io/BaselineAdminNetworkPolicy]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     Whoever may set the label that a policy trusts may let themselves in.
#   remediation: Select by kubernetes.io/metadata.name, or by one of the protected keys.
package packs.segmentation_baseline.seg_sl_006

deny contains violation if {
	some found in selectors
	free := sort({key |
		some key in keys(found.selector)
		not key in trusted
	})
	count(free) > 0
	violation := {
		"message": sprintf("the peer trusts the label %s, which is not guarded", [concat(", ", free)]),
		"path": path_of(found.at),
		"fix": "select by kubernetes.io/metadata.name or by a protected label",
		"details": {"keys": free},
	}
}

trusted := ({"kubernetes.io/metadata.name"} | {key | some key in input.facts.protectedNamespaceKeys}) | {key | some key in settings.keys}

settings := data.params.segmentation_baseline.seg_sl_006

fields := {"ingress": "from", "egress": "to"}

# Paths are put together for what is found only: sprintf leaves the module for each call.
selectors contains {"at": [direction, index, side, at, steps], "selector": selector} if {
	some direction, side in fields
	some index, rule in object.get(input.review.request.object, ["spec", direction], [])
	some at, peer in object.get(rule, side, [])
	some steps in [["namespaceSelector"], ["namespaces"], ["pods", "namespaceSelector"]]
	selector := object.get(peer, steps, null)
	is_object(selector)
}

path_of([direction, index, side, at, steps]) := sprintf("spec.%s[%d].%s[%d].%s", [direction, index, side, at, concat(".", steps)])

keys(selector) := {key | some key, _ in object.get(selector, "matchLabels", {})} | {expression.key |
	some expression in object.get(selector, "matchExpressions", [])
}
