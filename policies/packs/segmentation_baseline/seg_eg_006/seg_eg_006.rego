# METADATA
# title: Both address families say the same
# description: >-
#   In a cluster with two address families (`params.dualStack`): a rule with blocks of one family and none of the other.
# scope: package
# custom:
#   id: SEG-EG-006
#   severity: medium
#   action: warn
#   tier: Standard
#   ratchet: true
#   kinds: [networking.k8s.io/NetworkPolicy]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     A pod with two addresses is reached by either; a rule that was written for one family opens or forgets the other.
#   remediation: Add the block of the other family, or say in params.allow why there is none.
package packs.segmentation_baseline.seg_eg_006

import data.lib.policies

deny contains violation if {
	data.params.segmentation_baseline.seg_eg_006.dualStack
	some rule in policies.rules
	families := {family(peer.ipBlock.cidr) | some peer in rule.peers}
	count(families) == 1
	some present in families
	violation := {
		"message": sprintf("%s has %s blocks only, and this cluster speaks both", [rule.path, present]),
		"path": sprintf("%s.%s", [rule.path, rule.side]),
		"fix": sprintf("add the %s block that belongs to it", [twins[present]]),
		"details": {"family": present, "peers": rule.peers},
	}
}

twins := {"IPv4": "IPv6", "IPv6": "IPv4"}

family(cidr) := "IPv6" if contains(cidr, ":")

family(cidr) := "IPv4" if {
	is_string(cidr)
	not contains(cidr, ":")
}
