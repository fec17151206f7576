# METADATA
# title: Production is apart from everything else
# description: >-
#   No flow is opened across the guarded boundary of an Environment that no live FlowContract carries.
# scope: package
# custom:
#   id: SEG-DM-003
#   severity: high
#   action: deny
#   tier: Standard
#   ratchet: false
#   ratchetReason: what is judged here is the change itself
#   kinds: [networking.k8s.io/NetworkPolicy, policy.networking.k8s.io/ClusterNetworkPolicy, policy.networking.k8s.io/AdminNetworkPolicy, policy.networking.k8s.io/BaselineAdminNetworkPolicy, /Namespace]
#   operations: [CREATE, UPDATE, DELETE]
#   facts: []
#   rationale: >-
#     What is tried out in a test environment, with weaker controls and more people, must not reach production.
#   remediation: Narrow the rule to the own environment, or have both sides approve a FlowContract.
package packs.segmentation_baseline.seg_dm_003

import data.lib.flows

deny := flows.crossings({"Environment"}, {"ingress", "egress"})
