# METADATA
# title: No egress to the world
# description: >-
#   Judges how many globally reachable addresses the policy opens in all: the union of its CIDR blocks less their excepts, for
#   each family. How the world is spelled makes no difference.
# scope: package
# custom:
#   id: SEG-EG-001
#   severity: high
#   action: deny
#   tier: Standard
#   ratchet: true
#   kinds: [networking.k8s.io/NetworkPolicy]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     A way out to the whole internet is a way out for stolen data and a way to the servers that steer an intruder.
#   remediation: List the addresses that are needed, or send the traffic through an egress gateway.
package packs.segmentation_baseline.seg_eg_001

deny contains violation if {
	egress := input.effect.addresses.egress
	some family in ["ipv4", "ipv6"]
	measured := measure(egress, family)
	measured.open > measured.limit
	blocks := [block | some block in egress.blocks; block.public]
	violation := {
		"message": sprintf("egress reaches %d public %s; the limit is %d", [measured.open, measured.unit, measured.limit]),
		"path": first_path(blocks),
		"fix": sprintf("replace %s by the addresses that you need", [concat(" and ", cidrs(blocks))]),
		"details": {"family": family},
		"amount": measured.open,
	}
}

# What cannot be read cannot be counted: it never passes.
deny contains violation if {
	some path in input.effect.addresses.egress.unreadable
	violation := {
		"message": "this block cannot be read as a CIDR",
		"path": path,
		"fix": "write the CIDR and its except list in their usual form",
		"details": {"path": path},
	}
}

measure(egress, "ipv4") := {"open": egress.publicIpv4, "limit": limits.maxPublicIpv4, "unit": "IPv4 addresses"}

measure(egress, "ipv6") := {"open": egress.publicIpv6Networks, "limit": limits.maxPublicIpv6Networks, "unit": "IPv6 /64 networks"}

limits := data.params.segmentation_baseline.seg_eg_001

first_path(blocks) := blocks[0].path

cidrs(blocks) := array.slice([block.cidr | some block in blocks], 0, 3)
