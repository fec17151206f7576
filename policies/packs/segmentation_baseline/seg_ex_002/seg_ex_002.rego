# METADATA
# title: No node port
# description: >-
#   A Service of type NodePort. A load balancer allocates node ports by itself and is judged by SEG-EX-001.
# scope: package
# custom:
#   id: SEG-EX-002
#   severity: high
#   action: deny
#   tier: Standard
#   ratchet: true
#   kinds: [/Service]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     A node port is open at every node of the cluster, on every network that the nodes stand in.
#   remediation: Use ClusterIP and an Ingress, or have the compliance team add the namespace to params.allow.
package packs.segmentation_baseline.seg_ex_002

deny contains violation if {
	input.review.request.object.spec.type == "NodePort"
	violation := {
		"message": "the Service opens a port at every node",
		"path": "spec.type",
		"fix": "use ClusterIP and an Ingress",
		"details": {"type": "NodePort"},
	}
}
