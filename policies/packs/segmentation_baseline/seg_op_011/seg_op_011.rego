# METADATA
# title: No kernel setting that forwards or forges
# description: >-
#   A sysctl that makes the pod route for others, accept forged sources or answer for foreign addresses.
# scope: package
# custom:
#   id: SEG-OP-011
#   severity: high
#   action: deny
#   tier: Standard
#   ratchet: true
#   kinds: [/Pod, /PodTemplate, /ReplicationController, apps/Deployment, apps/StatefulSet, apps/DaemonSet, apps/ReplicaSet, batch/Job, batch/CronJob]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     A pod that forwards is a path that no policy describes; source checks are what a policy by address stands on.
#   remediation: Remove the sysctl, or have the compliance team add an entry to params.allow.
package packs.segmentation_baseline.seg_op_011

import data.lib.pods

deny contains violation if {
	some index, sysctl in object.get(pods.pod, ["spec", "securityContext", "sysctls"], [])
	name := replace(sysctl.name, "/", ".")
	some part in data.params.segmentation_baseline.seg_op_011.names
	part == split(name, ".")[count(split(name, ".")) - 1]
	violation := {
		"message": sprintf("the pod sets %s", [name]),
		"path": pods.path(["spec", "securityContext", sprintf("sysctls[%v]", [index])]),
		"fix": "remove the sysctl",
		"details": {"name": name, "value": object.get(sysctl, "value", ""), "images": pods.images},
	}
}
