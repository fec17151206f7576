# METADATA
# title: The management plane is reached from named namespaces
# description: >-
#   A policy opens a way out to addresses on the ports of the API server, the kubelet, etcd or the controllers, and its
#   namespace is none of those that `params.namespaces` lists.
# scope: package
# custom:
#   id: SEG-DM-009
#   severity: high
#   action: warn
#   tier: Standard
#   ratchet: false
#   ratchetReason: what is judged here is the change itself
#   kinds: [networking.k8s.io/NetworkPolicy]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     Whoever reaches the kubelet or etcd does not need the API server's permission.
#   remediation: Reach the API server through its Service, or run the workload in a management namespace.
package packs.segmentation_baseline.seg_dm_009

import data.lib.flows

deny contains violation if {
	not input.review.request.namespace in settings.namespaces
	some flow in input.effect.opened
	flow.to.kind == "addresses"
	not flow.to.everyAddress
	some class in flow.to.classes
	class in settings.classes
	reached := sort({sprintf("%s (%d)", [name, to_number(port)]) |
		some port, name in settings.ports
		some range in flow.ports
		range.protocol == "TCP"
		range.from <= to_number(port)
		to_number(port) <= range.to
	})
	count(reached) > 0
	violation := {
		"message": sprintf("opens %s: that is where %s may be", [flow.words, concat(", ", array.slice(reached, 0, 2))]),
		"path": flows.path(flow),
		"fix": "name the port that you need, or have the namespace listed as one that manages",
		"details": {"flow": flow.words},
	}
}

settings := data.params.segmentation_baseline.seg_dm_009
