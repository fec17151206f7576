# METADATA
# title: No rule defeats a denial above it
# description: >-
#   A policy of the cluster opens what another one denies on purpose, because it is asked first; or it stands at the same
#   priority as one that says otherwise for the same pods, and which of the two is asked first is not defined.
# scope: package
# custom:
#   id: SEG-OR-002
#   severity: high
#   action: deny
#   tier: Standard
#   ratchet: false
#   ratchetReason: what is judged here is the change itself
#   kinds: [policy.networking.k8s.io/ClusterNetworkPolicy, policy.networking.k8s.io/AdminNetworkPolicy, policy.networking.k8s.io/BaselineAdminNetworkPolicy]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     A denial holds only while nothing is asked before it.
#   remediation: Give the policy a priority after the denial, or change the denial itself.
package packs.segmentation_baseline.seg_or_002

import data.lib.flows

deny contains violation if {
	some flow in input.effect.opened
	defeated := [policy | some policy in flow.deniedBy; policy.name != flows.name]
	count(defeated) > 0
	violation := {
		"message": sprintf("opens %s, which %s %s denies", [flow.words, defeated[0].kind, defeated[0].name]),
		"path": flows.path(flow),
		"fix": sprintf("give it a higher priority number than %s has, or narrow the rule", [defeated[0].name]),
		"details": {"flow": flow.words, "defeated": defeated[0].name},
	}
}

deny contains violation if {
	some tie in input.effect.ties
	violation := {
		"message": sprintf("%s %s has the same priority and says otherwise for some of the same pods", [tie.kind, tie.name]),
		"path": "spec.priority",
		"fix": "choose a priority that no other policy has",
		"details": {"policy": tie.name},
	}
}
