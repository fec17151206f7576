# METADATA
# title: The internet reaches exposed namespaces only
# description: >-
#   Public source addresses may be let in only where the namespace is marked as exposed. The mark is the namespace's, and its
#   pods inherit it; what a pod says of itself does not count.
# scope: package
# custom:
#   id: SEG-EG-008
#   severity: high
#   action: deny
#   tier: Standard
#   ratchet: true
#   kinds: [networking.k8s.io/NetworkPolicy]
#   operations: [CREATE, UPDATE]
#   facts: [namespace]
#   rationale: >-
#     What the internet reaches is attacked from the first minute; such places are few and known.
#   remediation: Let traffic in through the ingress gateway, or have the platform team mark the namespace as exposed.
package packs.segmentation_baseline.seg_eg_008

# Beyond this many blocks one finding stands for all: a record is read by people.
most := 50

public := [block | some block in input.effect.addresses.ingress.blocks; block.public]

deny contains violation if {
	not exposed
	count(public) <= most
	some block in public
	violation := finding(block.path, block.cidr, {"cidr": block.cidr})
}

deny contains violation if {
	not exposed
	count(public) > most
	cidrs := sort([block.cidr | some block in public])
	violation := finding(public[0].path, sprintf("a list of %d blocks", [count(public)]), {"cidrs": cidrs})
}

finding(path, subject, details) := {
	"message": sprintf("%s lets public addresses in, and namespace %s is not exposed", [subject, input.review.request.namespace]),
	"path": path,
	"fix": "name the ingress gateway's pods instead, or have the platform team label the namespace firebreak.dev/exposure=internet",
	"details": details,
}

# What cannot be read cannot be told from a public address.
deny contains violation if {
	some path in input.effect.addresses.ingress.unreadable
	violation := {
		"message": "this block cannot be read as a CIDR",
		"path": path,
		"fix": "write the CIDR and its except list in their usual form",
		"details": {"path": path},
	}
}

exposed if input.facts.inherited[input.facts.exposureKey] == "internet"
