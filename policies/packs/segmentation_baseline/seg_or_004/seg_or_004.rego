# METADATA
# title: Denials that are required stay
# description: >-
#   A policy of the cluster loses a denial, and something is opened by that. Policies that `params.required` lists may
#   not: the denials of metadata, between tenants, of known threats, of quarantine.
# scope: package
# custom:
#   id: SEG-OR-004
#   severity: high
#   action: deny
#   tier: Standard
#   ratchet: false
#   ratchetReason: what is judged here is the change itself
#   kinds: [policy.networking.k8s.io/ClusterNetworkPolicy, policy.networking.k8s.io/AdminNetworkPolicy, policy.networking.k8s.io/BaselineAdminNetworkPolicy]
#   operations: [UPDATE, DELETE]
#   facts: []
#   rationale: >-
#     The denial that everybody relies on is the one that nobody looks for when it is gone.
#   remediation: Keep the denial, or have it taken off the list of those that are required.
package packs.segmentation_baseline.seg_or_004

import data.lib.objects
import data.lib.users

deny contains violation if {
	not users.cleaning_up
	some flow in input.effect.opened
	some policy in flow.deniedBy
	policy.name == objects.name
	violation := {
		"message": sprintf("%s no longer denies %s", [objects.name, flow.words]),
		"path": policy.path,
		"fix": "keep the rule, or narrow it to what must be open",
		"details": {"flow": flow.words},
		"action": action,
	}
}

default action := "warn"

action := "deny" if objects.name in data.params.segmentation_baseline.seg_or_004.required
