# METADATA
# title: A default deny of egress remains
# description: >-
#   A namespace whose pods no policy denies egress by default, as a scan finds it; and the change that makes it one: the last
#   policy that denies egress to all pods is removed or opened, and neither another policy nor Firebreak's own default deny stands
#   beneath it. A namespace is never judged at its own CREATE: no policy can exist
#   then.
# scope: package
# custom:
#   id: SEG-DD-002
#   severity: high
#   action: warn
#   tier: Standard
#   ratchet: false
#   ratchetReason: what is judged here is the change itself
#   kinds: [networking.k8s.io/NetworkPolicy, /Namespace]
#   operations: [UPDATE, DELETE, AUDIT]
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

deny contains violation if {
	policies.stands_open("egress")
	violation := {
		"message": sprintf("nothing denies egress by default in %s: its pods may connect to anything", [input.review.request.namespace]),
		"path": "metadata.name",
		"fix": "add a policy with an empty podSelector that lists Egress in policyTypes and has no egress rules, or put the namespace under enforce",
		"details": {"direction": "egress"},
	}
}
