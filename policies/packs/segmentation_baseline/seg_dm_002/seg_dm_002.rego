# METADATA
# title: Tenants are apart
# description: >-
#   No flow is opened between Tenants, or between Organizations, that no live FlowContract carries. Tenants are guarded
#   wherever namespaces are enforced, until their SecurityDomain says otherwise. A policy of a kind that is not understood
#   is told of where something is guarded.
# scope: package
# custom:
#   id: SEG-DM-002
#   severity: critical
#   action: deny
#   tier: Standard
#   ratchet: false
#   ratchetReason: what is judged here is the change itself
#   kinds: [networking.k8s.io/NetworkPolicy, policy.networking.k8s.io/ClusterNetworkPolicy, policy.networking.k8s.io/AdminNetworkPolicy, policy.networking.k8s.io/BaselineAdminNetworkPolicy, /Namespace, crd.projectcalico.org/NetworkPolicy, crd.projectcalico.org/GlobalNetworkPolicy, projectcalico.org/NetworkPolicy, projectcalico.org/GlobalNetworkPolicy, cilium.io/CiliumNetworkPolicy, cilium.io/CiliumClusterwideNetworkPolicy]
#   operations: [CREATE, UPDATE, DELETE]
#   facts: []
#   rationale: >-
#     A tenant that is broken into must not be the way to all the others.
#   remediation: Narrow the rule to the own tenant, or have both sides approve a FlowContract.
package packs.segmentation_baseline.seg_dm_002

import data.lib.flows

deny := flows.crossings({"Tenant", "Organization"}, {"ingress", "egress"}) | unclear

unclear contains violation if {
	some policy in input.effect.unknown
	violation := {
		"message": sprintf("what this %s opens is not understood, and boundaries are guarded", [policy.kind]),
		"path": "spec",
		"fix": "say it with NetworkPolicy or ClusterNetworkPolicy, or review by hand what it opens",
		"details": {"policy": policy},
		"certainty": "unknown",
	}
}

unclear contains violation if {
	input.effect.tooBig
	violation := {
		"message": "the change concerns too many namespaces and policies at once to be judged in time",
		"path": "spec",
		"fix": "split it into smaller ones, by namespace or by rule",
		"details": {},
	}
}
