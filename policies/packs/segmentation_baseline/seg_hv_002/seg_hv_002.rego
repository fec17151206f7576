# METADATA
# title: Virtual machines are segmented as pods are
# description: >-
#   The template of a virtual machine claims no domain but its namespace's, and policies select its pod in both
#   directions. Labels of the machine itself do not reach the pod that runs it.
# scope: package
# custom:
#   id: SEG-HV-002
#   severity: high
#   action: warn
#   enclaveAction: deny
#   tier: Standard
#   ratchet: true
#   kinds: [kubevirt.io/VirtualMachine, kubevirt.io/VirtualMachineInstance]
#   operations: [CREATE, UPDATE]
#   facts: [namespace]
#   rationale: >-
#     A machine is the oldest and least watched workload of a cluster; what holds for pods must hold for it.
#   remediation: Label the template with what is true, and select it by policies as any pod.
package packs.segmentation_baseline.seg_hv_002

deny contains violation if {
	some key in input.facts.protectedKeys
	claimed := labels[key]
	claimed != object.get(input.facts.inherited, key, null)
	violation := {
		"message": sprintf("the label %s=%s of the machine's pod claims what its namespace does not have", [key, claimed]),
		"path": sprintf(`%s["%s"]`, [labels_path, key]),
		"fix": "remove the label; the namespace's own is what counts",
		"details": {"key": key, "value": claimed},
	}
}

deny contains violation if {
	open := sort([direction | some direction in ["ingress", "egress"]; input.effect.coverage[direction] == false])
	count(open) > 0
	violation := {
		"message": sprintf("no policy selects the machine's pod for %s", [concat(" and ", open)]),
		"path": labels_path,
		"fix": "enforce the namespace, or select the pod by a NetworkPolicy",
		"details": {"directions": open},
	}
}

machine := input.review.request.kind.kind == "VirtualMachine"

labels := object.get(input.review.request.object, ["spec", "template", "metadata", "labels"], {}) if machine

labels := object.get(input.review.request.object, ["metadata", "labels"], {}) if not machine

labels_path := "spec.template.metadata.labels" if machine

labels_path := "metadata.labels" if not machine
