# METADATA
# title: Allowed ports are named
# description: >-
#   A rule that names peers but no ports opens every port of every protocol to them. Peers of the same namespace are left
#   alone: that is the usual recipe for an application's own pods.
# scope: package
# custom:
#   id: SEG-SL-003
#   severity: medium
#   action: warn
#   tier: Standard
#   ratchet: true
#   kinds: [networking.k8s.io/NetworkPolicy]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     A peer that is trusted for one port is rarely meant to be trusted for all of them.
#   remediation: List protocol and port for each rule; keep port ranges short.
package packs.segmentation_baseline.seg_sl_003

import data.lib.policies

deny contains violation if {
	some rule in policies.rules
	count(rule.ports) == 0
	some peer in rule.peers
	not same_namespace(peer)
	violation := {
		"message": sprintf("%s opens every port to its peers", [rule.path]),
		"path": sprintf("%s.ports", [rule.path]),
		"fix": sprintf("list protocol and port in %s.ports", [rule.path]),
		"details": {"direction": rule.direction, "peers": rule.peers},
	}
}

deny contains violation if {
	some rule in policies.rules
	some index, port in rule.ports
	width := (port.endPort - port.port) + 1
	limit := data.params.segmentation_baseline.seg_sl_003.maxPortSpan
	width > limit
	violation := {
		"message": sprintf("%s.ports[%v] opens %d ports; at most %d are usual", [rule.path, index, width, limit]),
		"path": sprintf("%s.ports[%v].endPort", [rule.path, index]),
		"fix": "name the ports that are used",
		"details": {"direction": rule.direction, "port": port},
	}
}

same_namespace(peer) if {
	peer.podSelector
	not peer.namespaceSelector
}
