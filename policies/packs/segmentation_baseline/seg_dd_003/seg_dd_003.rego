# METADATA
# title: policyTypes covers the rules
# description: >-
#   A rule for a direction that policyTypes does not list has no effect: the author believes in a permission, or in an
#   isolation, that does not exist.
# scope: package
# custom:
#   id: SEG-DD-003
#   severity: medium
#   action: warn
#   tier: Standard
#   ratchet: true
#   kinds: [networking.k8s.io/NetworkPolicy]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     A direction that policyTypes leaves out stays open, whatever the rules say: the author believes in a boundary
#     that is not there.
#   remediation: List the direction in spec.policyTypes, or remove its rules.
package packs.segmentation_baseline.seg_dd_003

import data.lib.policies

deny contains violation if {
	object_spec := input.review.request.object.spec
	some direction, type in policies.types
	count(object.get(object_spec, direction, [])) > 0
	not type in object.get(object_spec, "policyTypes", [])
	violation := {
		"message": sprintf("spec.%s has rules, but policyTypes does not list %s: they have no effect", [direction, type]),
		"path": "spec.policyTypes",
		"fix": sprintf("add %s to spec.policyTypes, or remove spec.%s", [type, direction]),
		"details": {"direction": direction},
	}
}
