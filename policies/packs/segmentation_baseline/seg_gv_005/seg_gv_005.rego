# METADATA
# title: The guard is changed by its owners
# description: >-
#   The CustomResourceDefinitions of Firebreak and the cluster roles and bindings of its release are changed or deleted by
#   whoever holds the verb `change` of `installations.firebreak.dev`. Its webhook configurations are never sent to a
#   webhook: a ValidatingAdmissionPolicy of the chart, RBAC, and watch-and-repair guard them.
# scope: package
# custom:
#   id: SEG-GV-005
#   severity: critical
#   action: deny
#   tier: Mandatory
#   ratchet: false
#   ratchetReason: what is judged here is who makes the change
#   kinds: [apiextensions.k8s.io/CustomResourceDefinition, rbac.authorization.k8s.io/ClusterRole, rbac.authorization.k8s.io/ClusterRoleBinding]
#   operations: [UPDATE, DELETE]
#   facts: [access]
#   rationale: >-
#     Who takes away the permissions or the definitions of a guard has switched it off, quietly.
#   remediation: Ask those who run Firebreak, or have them grant the verb by RBAC.
package packs.segmentation_baseline.seg_gv_005

import data.lib.objects
import data.lib.users

deny contains violation if {
	ours
	not input.facts.access.changeInstallation
	not users.cleaning_up
	not aggregating
	violation := {
		"message": sprintf("%s %s belongs to Firebreak, and %s may not change its installation", [request.kind.kind, objects.name, users.name]),
		"path": "metadata.name",
		"fix": "ask those who run it for: change installations.firebreak.dev",
		"details": {"name": objects.name, "user": users.name},
	}
}

request := input.review.request

# What an aggregated role says is put together by the cluster itself.
aggregating if {
	users.name == "system:serviceaccount:kube-system:clusterrole-aggregation-controller"
	request.oldObject.aggregationRule == request.object.aggregationRule
}

ours if {
	request.kind.kind == "CustomResourceDefinition"
	endswith(objects.name, ".firebreak.dev")
}

ours if {
	request.kind.kind in {"ClusterRole", "ClusterRoleBinding"}
	objects.name == "firebreak"
}

ours if {
	request.kind.kind in {"ClusterRole", "ClusterRoleBinding"}
	startswith(objects.name, "firebreak-")
	request.oldObject.metadata.labels["app.kubernetes.io/name"] == "firebreak"
}
