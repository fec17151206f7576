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
#   controls:
#     - {framework: nist-800-53, version: r5, id: cm-3.1}
#     - {framework: nist-800-53, version: r5, id: cm-5}
#     - {framework: nist-800-53, version: r5, id: sc-7.18}
#     - {framework: pci-dss, version: "4.0", id: 1.2.8}
#     - {framework: soc2, version: "2017", id: cc8.1}
#     - {framework: iso-27001, version: "2022", id: a.8.32}
#   remediation: Open what you need with a NetworkPolicy of your own; the default deny stays beneath it.
package packs.segmentation_baseline.seg_dd_005

import data.lib.policies

deny contains violation if {
	request.operation == "DELETE"
	reserved
	input.facts.namespace.mode == "enforce"
	not input.facts.namespace.terminating
	input.facts.livePods > 0
	violation := {
		"message": sprintf("%s isolates the %d live pods of namespace %s", [request.name, input.facts.livePods, request.namespace]),
		"path": "metadata.name",
		"fix": "keep it and add a NetworkPolicy that opens what you need, or remove the pods first",
		"details": {"policy": request.name},
	}
}

deny contains violation if {
	request.operation in {"CREATE", "UPDATE"}
	reserved
	not input.facts.reservedPolicyIntact
	violation := {
		"message": sprintf("the name %s is reserved: only Firebreak writes this policy", [policy_name]),
		"path": "metadata.name",
		"fix": "write the rule into a NetworkPolicy with another name",
		"details": {"policy": policy_name},
	}
}

deny contains violation if {
	request.operation in {"UPDATE", "DELETE"}
	not reserved
	lost := policies.denied_directions(request.oldObject) - still_denied
	count(lost) > 0
	violation := {
		"message": sprintf("%s no longer denies %s by default; %s", [policy_name, concat(" and ", sort(lost)), remaining]),
		"path": "metadata.name",
		"fix": "nothing, if that is what you want",
		"details": {"policy": policy_name},
		"action": "warn",
	}
}

request := input.review.request

policy_name := object.get(request, "name", object.get(request, ["object", "metadata", "name"], ""))

reserved if {
	some reserved_name in input.facts.reserved.policyNames
	policy_name == reserved_name
}

reserved if startswith(policy_name, input.facts.reserved.policyPrefix)

still_denied := policies.denied_directions(request.object) if request.operation == "UPDATE"

still_denied := set() if request.operation == "DELETE"

remaining := "firebreak-default-deny still does" if input.facts.defaultDenyStored

remaining := "no other default deny of Firebreak stands here" if not input.facts.defaultDenyStored
