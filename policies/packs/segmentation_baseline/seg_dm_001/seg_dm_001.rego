# METADATA
# title: Namespaces say where they belong
# description: >-
#   A namespace carries the labels that `params.required` lists, each with one of its values; a list without values takes
#   any. Nothing is required until somebody lists it.
# scope: package
# custom:
#   id: SEG-DM-001
#   severity: high
#   action: warn
#   tier: Standard
#   ratchet: true
#   kinds: [/Namespace]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     What does not say to whom it belongs is in everybody's scope and in nobody's care.
#   remediation: Add the labels, or have the platform team do it.
package packs.segmentation_baseline.seg_dm_001

deny contains violation if {
	some key, values in data.params.segmentation_baseline.seg_dm_001.required
	value := object.get(input.review.request.object, ["metadata", "labels", key], null)
	not good(value, values)
	violation := {
		"message": sprintf("the namespace says %s for %s", [shown(value), key]),
		"path": sprintf(`metadata.labels["%s"]`, [key]),
		"fix": sprintf("set it to %s", [choices(values)]),
		"details": {"key": key, "value": value},
	}
}

good(value, []) if value != null

good(value, values) if value in values

shown(null) := "nothing"

shown(value) := sprintf("%v", [value]) if value != null

choices([]) := "what is true"

choices(values) := concat(" or ", values) if count(values) > 0
