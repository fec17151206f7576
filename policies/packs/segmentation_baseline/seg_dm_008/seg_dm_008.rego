# METADATA
# title: Tiers are entered in their order
# description: >-
#   No flow is opened across the guarded boundary of a WorkloadType that no live FlowContract carries: the data tier is
#   entered from the application tier alone.
# scope: package
# custom:
#   id: SEG-DM-008
#   severity: critical
#   action: deny
#   tier: Standard
#   ratchet: false
#   ratchetReason: what is judged here is the change itself
#   kinds: [networking.k8s.io/NetworkPolicy, policy.networking.k8s.io/ClusterNetworkPolicy, policy.networking.k8s.io/AdminNetworkPolicy, policy.networking.k8s.io/BaselineAdminNetworkPolicy, /Namespace]
#   operations: [CREATE, UPDATE, DELETE]
#   facts: []
#   rationale: >-
#     A database that the web tier or the internet reaches is one bug away from being read.
#   remediation: Let the application tier ask, or have both sides approve a FlowContract.
package packs.segmentation_baseline.seg_dm_008

import data.lib.flows

deny := flows.crossings({"WorkloadType"}, {"ingress", "egress"})
