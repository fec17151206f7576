# METADATA
# title: No switch round the policies
# description: >-
#   doNotTrack, preDNAT and applyOnForward of Calico, failsafe ports of Felix, and enableDefaultDeny false of Cilium. It
#   warns until `params.users` or `params.groups` list the network admins; then everybody else is refused. An entry of
#   params.allow gives it an end.
# scope: package
# custom:
#   id: SEG-OR-006
#   severity: high
#   action: deny
#   tier: Standard
#   ratchet: true
#   kinds: [crd.projectcalico.org/GlobalNetworkPolicy, crd.projectcalico.org/HostEndpoint, crd.projectcalico.org/FelixConfiguration, projectcalico.org/GlobalNetworkPolicy, projectcalico.org/HostEndpoint, projectcalico.org/FelixConfiguration, cilium.io/CiliumNetworkPolicy, cilium.io/CiliumClusterwideNetworkPolicy]
#   operations: [CREATE, UPDATE]
#   facts: [user]
#   rationale: >-
#     These fields change when a policy is asked at all: traffic goes past the rules that everybody reads.
#   remediation: Have a network admin make the change, with a dated entry of params.allow.
package packs.segmentation_baseline.seg_or_006

import data.lib.users

deny contains violation if {
	some found in switches
	not users.listed(settings)
	violation := {
		"message": sprintf("%s takes traffic past other policies", [found.path]),
		"path": found.path,
		"fix": sprintf("remove %s, or have a network admin set it", [found.path]),
		"details": {"field": found.path, "value": found.value, "user": users.name},
		"action": users.action(settings),
	}
}

settings := data.params.segmentation_baseline.seg_or_006

spec := input.review.request.object.spec

switches contains {"path": sprintf("spec.%s", [field]), "value": true} if {
	some field in ["doNotTrack", "preDNAT", "applyOnForward"]
	spec[field] == true
}

switches contains {"path": sprintf("spec.%s", [field]), "value": spec[field]} if {
	some field in ["failsafeInboundHostPorts", "failsafeOutboundHostPorts"]
	spec[field]
}

switches contains {"path": sprintf("spec.enableDefaultDeny.%s", [direction]), "value": false} if {
	some direction in ["ingress", "egress"]
	spec.enableDefaultDeny[direction] == false
}

switches contains {"path": sprintf("specs[%v].enableDefaultDeny.%s", [index, direction]), "value": false} if {
	some index, one in input.review.request.object.specs
	some direction in ["ingress", "egress"]
	one.enableDefaultDeny[direction] == false
}
