# METADATA
# title: A tier is written by its owners
# description: >-
#   Once `params.owners` says who owns a tier, nobody else writes policies of it or the tier itself. Tiers are those of
#   Calico by name, Admin and Baseline of ClusterNetworkPolicy, and `clusterwide` for Cilium.
# scope: package
# custom:
#   id: SEG-OR-001
#   severity: critical
#   action: deny
#   tier: Standard
#   ratchet: false
#   ratchetReason: what is judged here is who makes the change
#   kinds: [policy.networking.k8s.io/ClusterNetworkPolicy, policy.networking.k8s.io/AdminNetworkPolicy, policy.networking.k8s.io/BaselineAdminNetworkPolicy, crd.projectcalico.org/Tier, crd.projectcalico.org/NetworkPolicy, crd.projectcalico.org/GlobalNetworkPolicy, projectcalico.org/Tier, projectcalico.org/NetworkPolicy, projectcalico.org/GlobalNetworkPolicy, cilium.io/CiliumClusterwideNetworkPolicy]
#   operations: [CREATE, UPDATE, DELETE]
#   facts: [user]
#   rationale: >-
#     A tier above the others decides for everybody: who may write there overrules each team, and whoever may not must be
#     told so by name.
#   remediation: Have an owner of the tier make the change.
package packs.segmentation_baseline.seg_or_001

import data.lib.users

deny contains violation if {
	some thing in [object.get(request, "object", null), object.get(request, "oldObject", null)]
	tier := tier_of(thing)
	some entry in data.params.segmentation_baseline.seg_or_001.owners
	entry.tier == tier
	not users.listed(entry)
	not users.cleaning_up
	violation := {
		"message": sprintf("tier %s is written by its owners, and %s is none", [tier, users.name]),
		"path": paths[request.kind.kind],
		"fix": sprintf("have one of %s make the change", [concat(", ", array.concat(entry.users, entry.groups))]),
		"details": {"tier": tier, "user": users.name},
	}
}

request := input.review.request

paths := {
	"Tier": "metadata.name",
	"NetworkPolicy": "spec.tier",
	"GlobalNetworkPolicy": "spec.tier",
	"ClusterNetworkPolicy": "spec.tier",
	"AdminNetworkPolicy": "kind",
	"BaselineAdminNetworkPolicy": "kind",
	"CiliumClusterwideNetworkPolicy": "kind",
}

tier_of(thing) := thing.metadata.name if request.kind.kind == "Tier"

# Calico's own default where none is named.
tier_of(thing) := object.get(thing, ["spec", "tier"], "default") if request.kind.kind in {"NetworkPolicy", "GlobalNetworkPolicy"}

tier_of(thing) := thing.spec.tier if request.kind.kind == "ClusterNetworkPolicy"

tier_of(thing) := "Admin" if {
	request.kind.kind == "AdminNetworkPolicy"
	is_object(thing)
}

tier_of(thing) := "Baseline" if {
	request.kind.kind == "BaselineAdminNetworkPolicy"
	is_object(thing)
}

tier_of(thing) := "clusterwide" if {
	request.kind.kind == "CiliumClusterwideNetworkPolicy"
	is_object(thing)
}
