# METADATA
# title: Regulated data leaves for listed peers only
# description: >-
#   No flow is opened out of a guarded DataClass domain that no live FlowContract carries, to the cluster or to addresses
#   outside of it.
# scope: package
# custom:
#   id: SEG-DM-005
#   severity: critical
#   action: deny
#   tier: Standard
#   ratchet: false
#   ratchetReason: what is judged here is the change itself
#   kinds: [networking.k8s.io/NetworkPolicy, policy.networking.k8s.io/ClusterNetworkPolicy, policy.networking.k8s.io/AdminNetworkPolicy, policy.networking.k8s.io/BaselineAdminNetworkPolicy, /Namespace]
#   operations: [CREATE, UPDATE, DELETE]
#   facts: []
#   rationale: >-
#     What leaves the place where regulated data lives is how it is stolen.
#   remediation: Narrow the rule, or have both sides approve a FlowContract.
package packs.segmentation_baseline.seg_dm_005

import data.lib.flows

deny := flows.crossings({"DataClass"}, {"egress"})
