# METADATA
# title: A workload is covered in both directions
# description: >-
#   Some policy selects the pods of a new workload for ingress, and some for egress. In an enforced namespace the default
#   deny does, before the first pod is admitted.
# scope: package
# custom:
#   id: SEG-DD-004
#   severity: high
#   action: dryrun
#   tier: Standard
#   ratchet: true
#   kinds: [/Pod, apps/Deployment, apps/StatefulSet, apps/DaemonSet, batch/Job, batch/CronJob]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     A pod that no policy selects accepts everything and reaches everything.
#   remediation: Set the namespace to enforce, or select the pods by a NetworkPolicy in each direction.
package packs.segmentation_baseline.seg_dd_004

deny contains violation if {
	open := sort([direction | some direction in ["ingress", "egress"]; input.effect.coverage[direction] == false])
	count(open) > 0
	violation := {
		"message": sprintf("no policy selects the pods for %s", [concat(" and ", open)]),
		"path": "metadata.labels",
		"fix": "enforce the namespace, or select the pods by a NetworkPolicy with these policyTypes",
		"details": {"directions": open},
	}
}
