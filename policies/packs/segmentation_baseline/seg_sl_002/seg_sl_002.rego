# METADATA
# title: No peer is every namespace
# description: >-
#   A peer with an empty namespaceSelector means all namespaces, of all tenants, and those that come later. With a pod
#   selector it still does: labels of pods are for anybody to choose; where a policy sends traffic out, that is a lesser
#   matter and passes.
# scope: package
# custom:
#   id: SEG-SL-002
#   severity: high
#   action: warn
#   tier: Standard
#   ratchet: true
#   kinds: [networking.k8s.io/NetworkPolicy]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     Every namespace is a promise to tenants who are not there yet.
#   remediation: Select the namespaces by a protected label, or by kubernetes.io/metadata.name.
package packs.segmentation_baseline.seg_sl_002

import data.lib.policies

deny contains violation if {
	some rule in policies.rules
	some index, peer in rule.peers
	everywhere(object.get(peer, "namespaceSelector", null))
	not aimed(rule, peer)
	path := sprintf("%s.%s[%d].namespaceSelector", [rule.path, rule.side, index])
	violation := {
		"message": sprintf("%s is open %s any namespace", [rule.direction, words[rule.direction]]),
		"path": path,
		"fix": "select namespaces by kubernetes.io/metadata.name or by a protected label",
		"details": {"direction": rule.direction},
	}
}

words := {"ingress": "to", "egress": "towards"}

everywhere(selector) if {
	is_object(selector)
	object.get(selector, "matchLabels", {}) == {}
	object.get(selector, "matchExpressions", []) == []
}

aimed(rule, peer) if {
	rule.direction == "egress"
	object.get(peer, "podSelector", {}) != {}
}
