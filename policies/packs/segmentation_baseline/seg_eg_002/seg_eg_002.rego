# METADATA
# title: Metadata services stay out of reach
# description: >-
#   A cloud's metadata address hands its machine's credentials to whoever can connect. A broad block reaches it as well as an
#   exact one. What a cloud's workload identity needs is allowed by exact address and port, once params.cloud names the cloud.
# scope: package
# custom:
#   id: SEG-EG-002
#   severity: critical
#   action: deny
#   tier: Standard
#   ratchet: true
#   kinds: [networking.k8s.io/NetworkPolicy]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     Metadata services hand out the credentials of the node to whoever asks from it.
#   remediation: Take the metadata addresses off with except, or set params.cloud where workload identity needs one.
package packs.segmentation_baseline.seg_eg_002

deny contains violation if {
	some block in input.effect.addresses.egress.blocks
	exposed := [address | some address in block.metadata; not needed(block, address)]
	count(exposed) > 0
	violation := {
		"message": sprintf("%s reaches cloud metadata: %s", [block.cidr, concat(", ", exposed)]),
		"path": block.path,
		"fix": sprintf("add to the except list of this block: %s", [concat(", ", [host(address) | some address in exposed])]),
		"details": {"cidr": block.cidr, "addresses": exposed},
	}
}

needed(block, address) if {
	block.cidr == host(address)
	count(block.ports) > 0
	every port in block.ports {
		{"address": address, "port": port.port} in pairs
		not port.endPort
	}
}

pairs := object.get(data.params.segmentation_baseline.seg_eg_002.pairs, cloud, [])

cloud := data.params.segmentation_baseline.seg_eg_002.cloud

host(address) := sprintf("%s/32", [address]) if not contains(address, ":")

host(address) := sprintf("%s/128", [address]) if contains(address, ":")
