# METADATA
# title: A pod claims no domain but its namespace's
# description: >-
#   The segmentation labels of a pod come from its namespace. A pod, a pod template or a binding that carries another value,
#   or a key that the namespace does not have, would step into somebody else's network. So would one that carries labels which
#   network plugins derive themselves.
# scope: package
# custom:
#   id: SEG-ID-003
#   severity: critical
#   action: deny
#   tier: Mandatory
#   ratchet: true
#   kinds: [/Pod, /PodTemplate, /Binding, /ReplicationController, apps/Deployment, apps/StatefulSet, apps/DaemonSet, apps/ReplicaSet, batch/Job, batch/CronJob]
#   operations: [CREATE, UPDATE]
#   facts: [namespace]
#   rationale: >-
#     A pod that may claim the domain of others walks through every policy that trusts the label.
#   remediation: Remove the label; Firebreak stamps the namespace's own value.
package packs.segmentation_baseline.seg_id_003

import data.lib.pods

deny contains violation if {
	some key in input.facts.protectedKeys
	claimed := labels[key]
	claimed != object.get(input.facts.inherited, key, null)
	violation := {
		"message": sprintf("the label %s=%s claims what namespace %s %s", [key, claimed, input.review.request.namespace, owned(key)]),
		"path": sprintf(`%s["%s"]`, [labels_path, key]),
		"fix": sprintf("remove the label; %s", [stamped(key)]),
		"details": {"key": key, "value": claimed},
	}
}

# Network plugins copy these down from namespaces and service accounts; a pod that carries one itself speaks for them.
deny contains violation if {
	some key, value in labels
	some prefix in ["pcns.", "pcsa.", "projectcalico.org/", "io.cilium.k8s.", "io.kubernetes.pod.namespace", "k8s:"]
	startswith(key, prefix)
	violation := {
		"message": sprintf("the label %s is the network plugin's to set", [key]),
		"path": sprintf(`%s["%s"]`, [labels_path, key]),
		"fix": "remove the label",
		"details": {"key": key, "value": value},
	}
}

labels := pods.labels if pods.root

labels := object.get(input.review.request.object, ["metadata", "labels"], {}) if input.review.request.kind.kind == "Binding"

labels_path := pods.path(["metadata", "labels"])

labels_path := "metadata.labels" if input.review.request.kind.kind == "Binding"

owned(key) := sprintf("does not own (its own is %s)", [input.facts.inherited[key]])

owned(key) := "does not have" if not input.facts.inherited[key]

stamped(key) := sprintf("%s is stamped for you", [input.facts.inherited[key]])

stamped(key) := "the platform team sets it on the namespace" if not input.facts.inherited[key]
