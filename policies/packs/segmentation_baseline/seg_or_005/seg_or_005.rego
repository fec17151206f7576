# METADATA
# title: Quarantine is set and lifted by those who answer incidents
# description: >-
#   The label `firebreak.dev/quarantine` on a pod, a template or a namespace is set, changed or removed. It warns until
#   `params.users` or `params.groups` list who may do it; then everybody else is refused.
# scope: package
# custom:
#   id: SEG-OR-005
#   severity: high
#   action: deny
#   tier: Standard
#   ratchet: false
#   ratchetReason: what is judged here is who makes the change
#   kinds: [/Pod, /Namespace, apps/Deployment, apps/StatefulSet, apps/DaemonSet, batch/Job, batch/CronJob]
#   operations: [CREATE, UPDATE]
#   facts: [user]
#   rationale: >-
#     A quarantine that the owner of the workload can lift holds nobody; one that anybody can set is a way to cut others
#     off.
#   remediation: Ask those who answer incidents.
package packs.segmentation_baseline.seg_or_005

import data.lib.pods
import data.lib.users

deny contains violation if {
	not pods.controlled
	after := value(request.object)
	before := value(object.get(request, "oldObject", null))
	before != after
	not users.listed(settings)
	violation := {
		"message": sprintf("the quarantine changes from %s to %s", [shown(before), shown(after)]),
		"path": path,
		"fix": "have those who answer incidents change it",
		"details": {"before": before, "after": after, "user": users.name},
		"action": users.action(settings),
	}
}

request := input.review.request

settings := data.params.segmentation_baseline.seg_or_005

# A namespace carries the label itself, a workload in its template.
root := object.get(pods.roots, request.kind.kind, [])

path := concat(".", array.concat(root, ["metadata", `labels["firebreak.dev/quarantine"]`]))

value(thing) := object.get(thing, array.concat(root, ["metadata", "labels", "firebreak.dev/quarantine"]), null) if is_object(thing)

value(null) := null

shown(null) := "nothing"

shown(text) := text if text != null
