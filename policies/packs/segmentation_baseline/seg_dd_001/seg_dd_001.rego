# METADATA
# title: A default deny of ingress remains
# description: >-
#   A namespace whose pods no policy denies ingress by default, as a scan finds it; and the change that makes it one: the last
#   policy that denies ingress to all pods is removed or opened, and neither another policy nor Firebreak's own default deny stands
#   beneath it. A namespace is never judged at its own CREATE: no policy can exist
#   then.
# scope: package
# custom:
#   id: SEG-DD-001
#   severity: high
#   action: warn
#   tier: Standard
#   ratchet: false
#   ratchetReason: what is judged here is the change itself
#   kinds: [networking.k8s.io/NetworkPolicy, /Namespace]
#   operations: [UPDATE, DELETE, AUDIT]
#   facts: [namespace, deniedDirections]
#   rationale: >-
#     Without a default deny of ingress every pod that no policy selects is open, also those that come tomorrow.
#   remediation: Keep a policy with an empty podSelector and no rules of this direction, or put the namespace under enforce.
package packs.segmentation_baseline.seg_dd_001

import data.lib.policies

deny contains violation if {
	"ingress" in policies.uncovered_directions
	violation := {
		"message": sprintf("nothing denies ingress by default in %s any more: anybody may connect to its pods", [input.review.request.namespace]),
		"path": "spec",
		"fix": "keep a policy with an empty podSelector that lists Ingress in policyTypes and has no ingress rules",
		"details": {"direction": "ingress"},
	}
}

deny contains violation if {
	policies.stands_open("ingress")
	violation := {
		"message": sprintf("nothing denies ingress by default in %s: anybody may connect to its pods", [input.review.request.namespace]),
		"path": "metadata.name",
		"fix": "add a policy with an empty podSelector that lists Ingress in policyTypes and has no ingress rules, or put the namespace under enforce",
		"details": {"direction": "ingress"},
	}
}
