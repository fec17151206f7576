# METADATA
# title: Workloads carry their identity
# description: >-
#   Segmentation by label needs labels: which component a pod is, and who answers for it. The application's name is stamped;
#   an owner that the namespace names counts for everything in it. Objects that a controller made are judged on their owner.
# scope: package
# custom:
#   id: SEG-ID-001
#   severity: medium
#   action: warn
#   tier: Standard
#   ratchet: true
#   kinds: [/Pod, apps/Deployment, apps/StatefulSet, apps/DaemonSet, batch/Job, batch/CronJob]
#   operations: [CREATE, UPDATE]
#   facts: [namespace]
#   rationale: >-
#     Segmentation selects by label: what carries none is covered by nothing, and nobody answers for it.
#   remediation: Add the missing labels to the pod template, or an owner to the namespace.
package packs.segmentation_baseline.seg_id_001

import data.lib.pods

deny contains violation if {
	not pods.controlled
	pods.pod
	missing := [name | some name in ["component", "owner"]; not carried(name)]
	count(missing) > 0
	violation := {
		"message": sprintf("the pod carries no label for its %s", [concat(" and its ", missing)]),
		"path": pods.path(["metadata", "labels"]),
		"fix": sprintf("add %s", [concat(" and ", [keys(name)[0] | some name in missing])]),
		"details": {"missing": missing},
	}
}

keys("component") := data.params.segmentation_baseline.seg_id_001.componentKeys

keys("owner") := data.params.segmentation_baseline.seg_id_001.ownerKeys

carried(name) if {
	some key in keys(name)
	pods.labels[key]
}

carried("owner") if {
	some key in keys("owner")
	input.facts.namespace.labels[key]
}
