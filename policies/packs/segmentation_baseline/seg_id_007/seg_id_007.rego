# METADATA
# title: A workload takes nobody else's traffic
# description: >-
#   The labels of a new workload match a Service that sends to workloads of another owner now. Owners are compared by the
#   labels that `params.ownerKeys` lists; workloads that name none are taken for one owner's.
# scope: package
# custom:
#   id: SEG-ID-007
#   severity: high
#   action: warn
#   tier: Standard
#   ratchet: true
#   kinds: [/Pod, apps/Deployment, apps/StatefulSet, apps/DaemonSet, batch/Job, batch/CronJob]
#   operations: [CREATE]
#   facts: []
#   rationale: >-
#     A pod that matches a Service gets its share of the requests, with all that is in them.
#   remediation: Take other labels, or a Service of your own.
package packs.segmentation_baseline.seg_id_007

import data.lib.pods

deny contains violation if {
	some shared in input.effect.shared
	some key in data.params.segmentation_baseline.seg_id_007.ownerKeys
	own := pods.labels[key]
	theirs := shared.labels[key]
	own != theirs
	violation := {
		"message": sprintf("Service %s sends to %s of %s, and would send to this workload of %s too", [shared.service, shared.workload, theirs, own]),
		"path": pods.path(["metadata", "labels"]),
		"fix": sprintf("change the labels that Service %s selects by", [shared.service]),
		"details": {"service": shared.service, "workload": shared.workload},
	}
}
