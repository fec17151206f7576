# METADATA
# title: A block is of one kind
# description: >-
#   A CIDR block lies in one class of the IANA special-purpose registries. Documentation, benchmarking, multicast and
#   reserved addresses are nobody's; a block that holds public and private ones says less than its author thinks. The
#   whole of a family is judged elsewhere.
# scope: package
# custom:
#   id: SEG-EG-003
#   severity: medium
#   action: warn
#   tier: Standard
#   ratchet: true
#   kinds: [networking.k8s.io/NetworkPolicy]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     A mask that is one bit too short turns a branch office into half of the internet.
#   remediation: Write one block for each network that is meant.
package packs.segmentation_baseline.seg_eg_003

deny contains violation if {
	some direction in ["ingress", "egress"]
	some block in input.effect.addresses[direction].blocks
	not endswith(block.cidr, "/0")
	how := amiss(block)
	violation := {
		"message": sprintf("%s %s", [block.cidr, how]),
		"path": block.path,
		"fix": "write one block for each network that you mean",
		"details": {"cidr": block.cidr, "classes": block.classes},
	}
}

nobodys := {"documentation", "benchmarking", "multicast", "reserved"}

amiss(block) := sprintf("is %s space: nobody is there", [concat(" and ", block.classes)]) if {
	count(block.classes) > 0
	every class in block.classes {
		class in nobodys
	}
}

amiss(block) := "holds public and private addresses at once" if {
	"public" in block.classes
	some class in ["private", "shared", "loopback", "link-local"]
	class in block.classes
}
