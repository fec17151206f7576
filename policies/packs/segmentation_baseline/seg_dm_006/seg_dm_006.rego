# METADATA
# title: Personal data stays in its region
# description: >-
#   No flow is opened out of or into a guarded Region that no live FlowContract carries: to another Region, or to
#   addresses that no External domain of the transfer register holds.
# scope: package
# custom:
#   id: SEG-DM-006
#   severity: critical
#   action: deny
#   tier: Standard
#   ratchet: false
#   ratchetReason: what is judged here is the change itself
#   kinds: [networking.k8s.io/NetworkPolicy, policy.networking.k8s.io/ClusterNetworkPolicy, policy.networking.k8s.io/AdminNetworkPolicy, policy.networking.k8s.io/BaselineAdminNetworkPolicy, /Namespace]
#   operations: [CREATE, UPDATE, DELETE]
#   facts: []
#   rationale: >-
#     Personal data may leave its region only where a transfer was assessed and recorded; a route nobody recorded is a
#     breach.
#   remediation: Narrow the rule, or record the transfer as an External domain with a FlowContract.
package packs.segmentation_baseline.seg_dm_006

import data.lib.flows

deny := flows.crossings({"Region"}, {"ingress", "egress"})
