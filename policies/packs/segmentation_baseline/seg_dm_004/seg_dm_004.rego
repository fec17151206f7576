# METADATA
# title: Regulated data is entered from listed domains only
# description: >-
#   No flow is opened into a guarded DataClass domain that no live FlowContract carries, from within the cluster or from
#   addresses outside of it.
# scope: package
# custom:
#   id: SEG-DM-004
#   severity: critical
#   action: deny
#   tier: Standard
#   ratchet: false
#   ratchetReason: what is judged here is the change itself
#   kinds: [networking.k8s.io/NetworkPolicy, policy.networking.k8s.io/ClusterNetworkPolicy, policy.networking.k8s.io/AdminNetworkPolicy, policy.networking.k8s.io/BaselineAdminNetworkPolicy, /Namespace]
#   operations: [CREATE, UPDATE, DELETE]
#   facts: []
#   rationale: >-
#     Each way into the place where regulated data lives is in scope of the audit, and a way in for an intruder.
#   remediation: Narrow the rule, or have both sides approve a FlowContract.
package packs.segmentation_baseline.seg_dm_004

import data.lib.flows

deny := flows.crossings({"DataClass"}, {"ingress"})
