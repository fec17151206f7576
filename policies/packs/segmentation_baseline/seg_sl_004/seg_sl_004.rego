# METADATA
# title: Two peers are an or
# description: >-
#   A rule in which a peer of nothing but a namespaceSelector stands next to a peer of nothing but a podSelector. The
#   warning says what the two mean together.
# scope: package
# custom:
#   id: SEG-SL-004
#   severity: low
#   action: warn
#   tier: Standard
#   ratchet: true
#   kinds: [networking.k8s.io/NetworkPolicy]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     The two selectors in one peer mean both must match; in two peers either is enough. One dash too many opens a whole
#     namespace.
#   remediation: Put both selectors into one peer if both must match.
package packs.segmentation_baseline.seg_sl_004

import data.lib.policies

deny contains violation if {
	some rule in policies.rules
	some index, peer in rule.peers
	some step in [1, -1]
	only(peer, "namespaceSelector", "podSelector")
	only(rule.peers[index + step], "podSelector", "namespaceSelector")
	violation := {
		"message": sprintf("%s means every pod of the namespaces that match, or pods of this namespace", [rule.path]),
		"path": sprintf("%s.%s[%v]", [rule.path, rule.side, index]),
		"fix": "put namespaceSelector and podSelector into one peer if both must match",
		"details": {"peers": [peer, rule.peers[index + step]]},
	}
}

only(peer, wanted, other) if {
	peer[wanted]
	not peer[other]
}
