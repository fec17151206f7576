# METADATA
# title: Public addresses are those of the register
# description: >-
#   Once `params.register` lists blocks, a policy opens egress to public addresses only within them. Everything else
#   leaves through a control point: an egress gateway, a proxy, or names.
# scope: package
# custom:
#   id: SEG-EG-005
#   severity: high
#   action: warn
#   tier: Standard
#   ratchet: true
#   kinds: [networking.k8s.io/NetworkPolicy]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     A destination that nobody registered is one that nobody reviews.
#   remediation: Have the destination registered, or send the traffic through the egress gateway.
package packs.segmentation_baseline.seg_eg_005

deny contains violation if {
	count(register) > 0
	some block in input.effect.addresses.egress.blocks
	block.public
	not registered(block.cidr)
	violation := {
		"message": sprintf("%s is public, and not in the register", [block.cidr]),
		"path": block.path,
		"fix": "have it registered, or go through the egress gateway",
		"details": {"cidr": block.cidr},
	}
}

register := data.params.segmentation_baseline.seg_eg_005.register

registered(cidr) if {
	some known in register
	contains(known, ":") == contains(cidr, ":")
	net.cidr_contains(known, cidr)
}
