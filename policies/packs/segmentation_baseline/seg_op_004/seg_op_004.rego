# METADATA
# title: No privileged container
# description: >-
#   A container, init container or ephemeral container that runs privileged.
# scope: package
# custom:
#   id: SEG-OP-004
#   severity: critical
#   action: deny
#   tier: Standard
#   ratchet: true
#   kinds: [/Pod, /PodTemplate, /ReplicationController, apps/Deployment, apps/StatefulSet, apps/DaemonSet, apps/ReplicaSet, batch/Job, batch/CronJob]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     A privileged container can do everything that host network, added capabilities and host paths would give it: it
#     enters other network namespaces and rewrites the rules that isolate pods.
#   remediation: Remove privileged, or have the compliance team add an entry to params.allow.
package packs.segmentation_baseline.seg_op_004

import data.lib.pods

deny contains violation if {
	some found in pods.containers
	found.container.securityContext.privileged == true
	path := pods.container_path(found, ["securityContext", "privileged"])
	violation := {
		"message": sprintf("container %s is privileged: nothing isolates it from its node", [found.container.name]),
		"path": path,
		"fix": sprintf("remove %s", [path]),
		"details": {"container": found.container.name, "image": object.get(found.container, "image", "")},
	}
}
