# METADATA
# title: No host network
# description: A pod on the host's network has the node's identity, and no NetworkPolicy selects it.
# scope: package
# custom:
#   id: SEG-OP-001
#   severity: critical
#   action: deny
#   tier: Standard
#   ratchet: true
#   kinds: [/Pod, /PodTemplate, /ReplicationController, apps/Deployment, apps/StatefulSet, apps/DaemonSet, apps/ReplicaSet, batch/Job, batch/CronJob]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     On the host network a pod has the identity of its node: policies by pod label neither limit nor protect it.
#   remediation: Remove hostNetwork, or have the compliance team add an entry to params.allow.
package packs.segmentation_baseline.seg_op_001

import data.lib.pods

deny contains violation if {
	pods.pod.spec.hostNetwork == true
	violation := {
		"message": "the pod shares its node's network: no NetworkPolicy holds for it",
		"path": pods.path(["spec", "hostNetwork"]),
		"fix": sprintf("remove %s", [pods.path(["spec", "hostNetwork"])]),
		"details": {"images": sort({c.container.image | some c in pods.containers})},
	}
}
