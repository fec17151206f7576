# METADATA
# title: The default deny stays
# description: >-
#   The policies that Firebreak keeps are written by Firebreak alone, and the default deny of a namespace is not removed
#   while pods of it run. Clean-up passes: a terminating namespace, a namespace without live pods, an identical restore.
# scope: package
# custom:
#   id: SEG-DD-005
#   severity: critical
#   action: deny
#   tier: Mandatory
#   ratchet: false
#   ratchetReason: what is judged here is the change itself
#   kinds: [networking.k8s.io/NetworkPolicy]
#   operations: [CREATE, UPDATE, DELETE]
#   facts: [namespace, livePods]
#   rationale: >-
#     Default deny is what everything else stands on; without it each pod that no policy selects is open.
#   remediation: Open what you need with a NetworkPolicy of your own; the default deny stays beneath it.
package packs.segmentation_baseline.seg_dd_005

import data.lib.objects
import data.lib.policies

deny contains violation if {
	request.operation == "DELETE"
	policies.reserved
	input.facts.namespace.mode == "enforce"
	not input.facts.namespace.terminating
	input.facts.livePods > 0
	violation := {
		"message": sprintf("%s isolates the %d live pods of namespace %s", [objects.name, input.facts.livePods, request.namespace]),
		"path": "metadata.name",
		"fix": "keep it and add a NetworkPolicy that opens what you need, or remove the pods first",
		"details": {"policy": objects.name},
	}
}

deny contains violation if {
	request.operation in {"CREATE", "UPDATE"}
	policies.reserved
	not input.facts.reservedPolicyIntact
	violation := {
		"message": sprintf("the name %s is reserved: only Firebreak writes this policy", [objects.name]),
		"path": "metadata.name",
		"fix": "write the rule into a NetworkPolicy with another name",
		"details": {"policy": objects.name},
	}
}

deny contains violation if {
	request.operation in {"UPDATE", "DELETE"}
	not policies.reserved
	lost := policies.denied_directions(request.oldObject) - policies.still_denied
	count(lost) > 0
	input.facts.defaultDenyStored
	violation := {
		"message": sprintf("%s no longer denies %s by default; firebreak-default-deny still does", [objects.name, concat(" and ", sort(lost))]),
		"path": "metadata.name",
		"fix": "nothing, if that is what you want",
		"details": {"policy": objects.name},
		"action": "warn",
	}
}

request := input.review.request
