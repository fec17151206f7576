# METADATA
# title: Selectors mean something that is there
# description: >-
#   A policy that selects no workload of its namespace, a peer that selects no namespace, a Service that selects nothing,
#   a route to a Service that is not there. What arrives in another order is found again by the scan.
# scope: package
# custom:
#   id: SEG-SL-005
#   severity: low
#   action: dryrun
#   tier: Standard
#   ratchet: true
#   kinds: [networking.k8s.io/NetworkPolicy, policy.networking.k8s.io/ClusterNetworkPolicy, policy.networking.k8s.io/AdminNetworkPolicy, policy.networking.k8s.io/BaselineAdminNetworkPolicy, /Service, networking.k8s.io/Ingress, gateway.networking.k8s.io/HTTPRoute]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     A selector that means nothing is a typing error, or a leftover that waits for whoever takes the label next.
#   remediation: Correct the selector, or remove what is left over.
package packs.segmentation_baseline.seg_sl_005

deny contains violation if {
	some dangling in input.effect.dangling
	violation := {
		"message": dangling.words,
		"path": dangling.path,
		"fix": "correct the selector, or remove it",
		"details": {"words": dangling.words},
	}
}
