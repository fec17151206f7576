# METADATA
# title: A workload keeps its identity
# description: >-
#   An UPDATE that gives a workload another service account. It warns until `params.users` or `params.groups` list who may
#   do it; then everybody else is refused.
# scope: package
# custom:
#   id: SEG-ID-006
#   severity: high
#   action: deny
#   tier: Standard
#   ratchet: false
#   ratchetReason: what is judged here is the change itself
#   kinds: [/ReplicationController, apps/Deployment, apps/StatefulSet, apps/DaemonSet, apps/ReplicaSet, batch/CronJob]
#   operations: [UPDATE]
#   facts: [user]
#   rationale: >-
#     Whoever may edit a Deployment can make it run as any service account of the namespace and take its permissions and
#     its open paths.
#   remediation: Have one of the listed identities make the change.
package packs.segmentation_baseline.seg_id_006

import data.lib.pods
import data.lib.users

deny contains violation if {
	before := account(input.review.request.oldObject)
	after := account(input.review.request.object)
	before != after
	not users.listed(settings)
	path := pods.path(["spec", "serviceAccountName"])
	violation := {
		"message": sprintf("the service account changes from %s to %s", [before, after]),
		"path": path,
		"fix": sprintf("keep %s, or have a listed identity change it", [before]),
		"details": {"before": before, "after": after, "user": users.name},
		"action": users.action(settings),
	}
}

settings := data.params.segmentation_baseline.seg_id_006

account(workload) := pods.account_of(object.get(workload, pods.root, {}))
