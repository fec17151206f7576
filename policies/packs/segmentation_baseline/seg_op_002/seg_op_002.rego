# METADATA
# title: No port of the node
# description: >-
#   A container that takes a port of its node (hostPort). Host network pods are judged by SEG-OP-001: the API server fills
#   in their host ports.
# scope: package
# custom:
#   id: SEG-OP-002
#   severity: high
#   action: deny
#   tier: Standard
#   ratchet: true
#   kinds: [/Pod, /PodTemplate, /ReplicationController, apps/Deployment, apps/StatefulSet, apps/DaemonSet, apps/ReplicaSet, batch/Job, batch/CronJob]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     A host port is reached at the address of the node, round every Service and, with many network plugins, round the
#     NetworkPolicy of the pod.
#   remediation: Remove hostPort and put a Service in front, or have the compliance team add an entry to params.allow.
package packs.segmentation_baseline.seg_op_002

import data.lib.pods

deny contains violation if {
	not pods.pod.spec.hostNetwork
	some found in pods.containers
	some index, port in object.get(found.container, "ports", [])
	is_number(port.hostPort)
	port.hostPort > 0
	path := pods.container_path(found, [sprintf("ports[%v]", [index]), "hostPort"])
	violation := {
		"message": sprintf("container %s takes port %d of its node", [found.container.name, port.hostPort]),
		"path": path,
		"fix": "remove hostPort; a Service reaches the container port",
		"details": {"container": found.container.name, "image": object.get(found.container, "image", ""), "hostPort": port.hostPort},
	}
}
