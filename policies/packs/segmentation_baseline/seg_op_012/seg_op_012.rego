# METADATA
# title: No HostProcess container on Windows
# description: >-
#   A pod or a container with windowsOptions.hostProcess.
# scope: package
# custom:
#   id: SEG-OP-012
#   severity: high
#   action: deny
#   tier: Standard
#   ratchet: true
#   kinds: [/Pod, /PodTemplate, /ReplicationController, apps/Deployment, apps/StatefulSet, apps/DaemonSet, apps/ReplicaSet, batch/Job, batch/CronJob]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     A HostProcess container runs on the node, in its network and with its rights; no NetworkPolicy selects it.
#   remediation: Remove hostProcess, or have the compliance team add an entry to params.allow.
package packs.segmentation_baseline.seg_op_012

import data.lib.pods

deny contains violation if {
	pods.pod.spec.securityContext.windowsOptions.hostProcess == true
	path := pods.path(["spec", "securityContext", "windowsOptions", "hostProcess"])
	violation := {
		"message": "the pod runs as processes of its Windows node",
		"path": path,
		"fix": sprintf("remove %s", [path]),
		"details": {"images": pods.images},
	}
}

deny contains violation if {
	some found in pods.containers
	found.container.securityContext.windowsOptions.hostProcess == true
	path := pods.container_path(found, ["securityContext", "windowsOptions", "hostProcess"])
	violation := {
		"message": sprintf("container %s runs as a process of its Windows node", [found.container.name]),
		"path": path,
		"fix": sprintf("remove %s", [path]),
		"details": {"container": found.container.name, "image": object.get(found.container, "image", "")},
	}
}
