# METADATA
# title: No service that speaks in the clear
# description: >-
#   A policy rule or a Service with the port of a protocol that has no encryption or no login worth the name: telnet, FTP,
#   TFTP, SMB, LDAP, VNC, r-commands, the unprotected ports of Docker and of the kubelet. A justification is an entry of
#   params.allow with an end.
# scope: package
# custom:
#   id: SEG-EG-007
#   severity: high
#   action: warn
#   tier: Standard
#   ratchet: true
#   kinds: [networking.k8s.io/NetworkPolicy, /Service]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     What speaks in the clear hands its passwords to everybody on the path, and these ports are what intruders look for
#     first.
#   remediation: Use the protected form of the protocol, or have the compliance team add a dated entry to params.allow.
package packs.segmentation_baseline.seg_eg_007

import data.lib.policies

deny contains violation if {
	some rule in policies.rules
	some index, port in rule.ports
	name := services[format_int(port.port, 10)]
	violation := finding(sprintf("%s.ports[%v]", [rule.path, index]), port.port, name)
}

deny contains violation if {
	input.review.request.kind.kind == "Service"
	some index, port in input.review.request.object.spec.ports
	name := services[format_int(port.port, 10)]
	violation := finding(sprintf("spec.ports[%v]", [index]), port.port, name)
}

services := data.params.segmentation_baseline.seg_eg_007.services

finding(path, port, name) := {
	"message": sprintf("port %v is %s, which speaks in the clear", [port, name]),
	"path": path,
	"fix": "use the protected form of the protocol",
	"details": {"port": port, "service": name},
}
