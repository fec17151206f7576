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
#   controls:
#     - {framework: nist-800-53, version: r5, id: cm-8}
#     - {framework: pci-dss, version: "4.0", id: 12.5.1}
#     - {framework: iso-27001, version: "2022", id: a.5.9}
#     - {framework: cis-kubernetes, version: "1.12", id: 5.7.1}
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
