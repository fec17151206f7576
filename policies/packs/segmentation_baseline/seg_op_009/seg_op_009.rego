# METADATA
# title: No way round the scheduler into another zone
# description: >-
#   A template or a bare pod that names its node, tolerates every taint, or tolerates the taint of a reserved pool. What
#   the API server and the DaemonSet controller add themselves never counts.
# scope: package
# custom:
#   id: SEG-OP-009
#   severity: medium
#   action: warn
#   tier: Standard
#   ratchet: true
#   kinds: [/Pod, apps/Deployment, apps/StatefulSet, apps/DaemonSet, batch/Job, batch/CronJob]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     Where nodes are a trust zone, their taints keep others out; a pod that ignores them runs beside what it was to be
#     kept apart from.
#   remediation: Remove nodeName and tolerate only the taints of your own pool.
package packs.segmentation_baseline.seg_op_009

import data.lib.pods

deny contains violation if {
	not pods.controlled
	not_by_the_scheduler
	name := pods.pod.spec.nodeName
	name != ""
	violation := {
		"message": sprintf("the pod names node %s itself: taints do not keep it out", [name]),
		"path": pods.path(["spec", "nodeName"]),
		"fix": "remove nodeName; a nodeSelector goes through the scheduler",
		"details": {"nodeName": name},
	}
}

deny contains violation if {
	not pods.controlled
	some index, toleration in object.get(pods.pod, ["spec", "tolerations"], [])
	what := reserved(toleration)
	violation := {
		"message": sprintf("the pod tolerates %s", [what]),
		"path": pods.path(["spec", sprintf("tolerations[%v]", [index])]),
		"fix": "tolerate only the taints of your own pool",
		"details": {"toleration": toleration},
	}
}

# A pod's node is written by the scheduler on an UPDATE.
not_by_the_scheduler if input.review.request.kind.kind != "Pod"

not_by_the_scheduler if input.review.request.operation == "CREATE"

reserved(toleration) := "every taint" if {
	object.get(toleration, "key", "") == ""
	toleration.operator == "Exists"
}

reserved(toleration) := sprintf("the reserved taint %s", [toleration.key]) if {
	toleration.key in data.params.segmentation_baseline.seg_op_009.reservedTaints
}
