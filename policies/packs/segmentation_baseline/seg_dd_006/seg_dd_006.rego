# METADATA
# title: Port 53 goes to the cluster resolver only
# description: >-
#   An egress rule that opens port 53 to anything but the resolver of the cluster; and a policy that opens it over UDP
#   without TCP.
# scope: package
# custom:
#   id: SEG-DD-006
#   severity: medium
#   action: warn
#   enclaveAction: deny
#   tier: Standard
#   ratchet: true
#   kinds: [networking.k8s.io/NetworkPolicy]
#   operations: [CREATE, UPDATE]
#   facts: [enclave]
#   rationale: >-
#     Port 53 to anywhere is the usual way out for stolen data: DNS carries it, and so does anything else that listens
#     there. Answers that do not fit a datagram come over TCP, so a policy without it fails now and then.
#   remediation: Name the namespace of the resolver as the peer, and open UDP and TCP 53.
package packs.segmentation_baseline.seg_dd_006

import data.lib.policies

deny contains violation if {
	some rule in egress
	opens_dns(rule)
	strangers := [peer | some peer in peers(rule); not resolver(peer)]
	count(strangers) > 0
	violation := {
		"message": sprintf("%s opens port 53 to others than the cluster resolver", [rule.path]),
		"path": sprintf("%s.to", [rule.path]),
		"fix": sprintf("name only the namespace %s in %s.to", [settings.namespaces[0], rule.path]),
		"details": {"peers": strangers},
	}
}

deny contains violation if {
	udp := [rule | some rule in egress; speaks(rule, "UDP")]
	count(udp) > 0
	count([rule | some rule in egress; speaks(rule, "TCP")]) == 0
	violation := {
		"message": sprintf("%s opens DNS over UDP only: long answers come over TCP", [udp[0].path]),
		"path": sprintf("%s.ports", [udp[0].path]),
		"fix": sprintf("add TCP 53 to %s.ports", [udp[0].path]),
		"details": {"missing": "TCP"},
		"action": "warn",
	}
}

settings := data.params.segmentation_baseline.seg_dd_006

egress := [rule | some rule in policies.rules; rule.direction == "egress"]

opens_dns(rule) if {
	some protocol in ["UDP", "TCP"]
	speaks(rule, protocol)
}

speaks(rule, protocol) if {
	some port in rule.ports
	object.get(port, "protocol", "TCP") == protocol
	port.port == 53
}

# A rule without peers means everybody.
peers(rule) := rule.peers if count(rule.peers) > 0

peers(rule) := [{}] if count(rule.peers) == 0

resolver(peer) if peer.namespaceSelector.matchLabels["kubernetes.io/metadata.name"] in settings.namespaces

resolver(peer) if peer.ipBlock.cidr in settings.addresses
