# METADATA
# title: Not in the node's namespaces of processes
# description: >-
#   A pod that shares the process or IPC namespace of its node (hostPID, hostIPC).
# scope: package
# custom:
#   id: SEG-OP-005
#   severity: high
#   action: deny
#   tier: Standard
#   ratchet: true
#   kinds: [/Pod, /PodTemplate, /ReplicationController, apps/Deployment, apps/StatefulSet, apps/DaemonSet, apps/ReplicaSet, batch/Job, batch/CronJob]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     From the process namespace of the node a process can enter the network namespace of any other pod and speak with its
#     identity.
#   remediation: Remove hostPID and hostIPC, or have the compliance team add an entry to params.allow.
package packs.segmentation_baseline.seg_op_005

import data.lib.pods

deny contains violation if {
	some field, what in {"hostPID": "processes", "hostIPC": "shared memory"}
	pods.pod.spec[field] == true
	path := pods.path(["spec", field])
	violation := {
		"message": sprintf("the pod sees the %s of its node and of every pod on it", [what]),
		"path": path,
		"fix": sprintf("remove %s", [path]),
		"details": {"field": field, "images": pods.images},
	}
}
