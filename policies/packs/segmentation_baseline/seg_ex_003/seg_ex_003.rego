# METADATA
# title: No external IPs
# description: >-
#   A Service with spec.externalIPs.
# scope: package
# custom:
#   id: SEG-EX-003
#   severity: critical
#   action: deny
#   tier: Standard
#   ratchet: true
#   kinds: [/Service]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     Whoever may create a Service can claim any address with it and receive the traffic that others send there
#     (CVE-2020-8554).
#   remediation: Use a load balancer or an Ingress for addresses from outside.
package packs.segmentation_baseline.seg_ex_003

deny contains violation if {
	addresses := input.review.request.object.spec.externalIPs
	count(addresses) > 0
	violation := {
		"message": sprintf("the Service claims %s: all pods would send it what is meant for others", [concat(", ", addresses)]),
		"path": "spec.externalIPs",
		"fix": "remove spec.externalIPs",
		"details": {"addresses": addresses},
	}
}
