# METADATA
# title: Segmentation labels of a pod stay
# description: >-
#   A protected label of a pod that runs is changed or taken off by those who may change segmentation labels, and by
#   nobody else. What a pod may claim is another rule.
# scope: package
# custom:
#   id: SEG-ID-002
#   severity: critical
#   action: deny
#   tier: Mandatory
#   ratchet: false
#   ratchetReason: what is judged here is the change itself
#   kinds: [/Pod]
#   operations: [UPDATE]
#   facts: [access]
#   rationale: >-
#     A pod that sheds its label steps out of every policy that selects by it.
#   remediation: Leave the label, or have the platform team grant the verb by RBAC.
package packs.segmentation_baseline.seg_id_002

deny contains violation if {
	some key in input.facts.protectedKeys
	before := label("oldObject", key)
	after := label("object", key)
	before != after
	before != null
	not input.facts.access.changeLabels
	violation := {
		"message": sprintf("the label %s=%s of a running pod would change", [key, before]),
		"path": sprintf(`metadata.labels["%s"]`, [key]),
		"fix": "leave it, or have the platform team grant you: change segmentationlabels.firebreak.dev",
		"details": {"key": key, "before": before, "after": after},
	}
}

label(which, key) := object.get(input.review.request, [which, "metadata", "labels", key], null)
