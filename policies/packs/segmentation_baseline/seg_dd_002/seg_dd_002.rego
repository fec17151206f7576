# METADATA
# title: A default deny of egress remains
# description: >-
#   The last policy that denies egress to all pods of a namespace is removed or opened, and neither another policy nor
#   Firebreak's own default deny stands beneath it. A namespace is never judged at its own CREATE: no policy can exist
#   then.
# scope: package
# custom:
#   id: SEG-DD-002
#   severity: high
#   action: warn
#   tier: Standard
#   ratchet: false
#   ratchetReason: what is judged here is the change itself
#   kinds: [networking.k8s.io/NetworkPolicy]
#   operations: [UPDATE, DELETE]
#   facts: [namespace, deniedDirections]
#   rationale: >-
#     Without a default deny of egress every pod that no policy selects is open, also those that come tomorrow.
#   remediation: Keep a policy with an empty podSelector and no rules of this direction, or put the namespace under enforce.
package packs.segmentation_baseline.seg_dd_002

import data.lib.policies

deny contains violation if {
	"egress" in policies.uncovered_directions
	violation := {
		"message": sprintf("nothing denies egress by default in %s any more: its pods may connect to anything", [input.review.request.namespace]),
		"path": "spec",
		"fix": "keep a policy with an empty podSelector that lists Egress in policyTypes and has no egress rules",
		"details": {"direction": "egress"},
	}
}
