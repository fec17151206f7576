# METADATA
# title: What is exposed has a policy that says from where
# description: >-
#   The pods behind a LoadBalancer, a NodePort, an Ingress or a Gateway route are selected by an ingress policy, and none
#   lets in whoever comes.
# scope: package
# custom:
#   id: SEG-EX-007
#   severity: high
#   action: warn
#   tier: Standard
#   ratchet: true
#   kinds: [/Service, networking.k8s.io/Ingress, gateway.networking.k8s.io/HTTPRoute, gateway.networking.k8s.io/GRPCRoute, gateway.networking.k8s.io/TLSRoute, gateway.networking.k8s.io/TCPRoute]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     A pod that the outside reaches, and everything inside too, is two ways in where one was meant.
#   remediation: Select the pods by a NetworkPolicy whose peer is the gateway, or the addresses that may come.
package packs.segmentation_baseline.seg_ex_007

deny contains violation if {
	some pods in input.effect.exposed
	how := amiss(pods)
	violation := {
		"message": sprintf("%s is exposed, and %s", [pods.workload, how]),
		"path": "spec",
		"fix": "select its pods by a NetworkPolicy that names the gateway, or the addresses that may come",
		"details": {"workload": pods.workload},
	}
}

amiss(pods) := "no ingress policy selects it" if not pods.covered

amiss(pods) := "a policy lets in whoever comes" if {
	pods.covered
	pods.open
}
