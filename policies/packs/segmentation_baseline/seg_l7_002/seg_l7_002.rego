# METADATA
# title: No authorization that lets everybody in
# description: >-
#   An ALLOW of Istio that names nobody (an empty rule, principals `*`), Linkerd authorizations without a required
#   authentication, for unauthenticated clients, for the identity `*` or for the network of all addresses, and HTTP rules
#   of Cilium that match every request.
# scope: package
# custom:
#   id: SEG-L7-002
#   severity: high
#   action: warn
#   enclaveAction: deny
#   tier: Standard
#   ratchet: true
#   kinds: [security.istio.io/AuthorizationPolicy, policy.linkerd.io/AuthorizationPolicy, policy.linkerd.io/ServerAuthorization, policy.linkerd.io/MeshTLSAuthentication, policy.linkerd.io/NetworkAuthentication, cilium.io/CiliumNetworkPolicy, cilium.io/CiliumClusterwideNetworkPolicy]
#   operations: [CREATE, UPDATE]
#   facts: [enclave]
#   rationale: >-
#     An authorization that admits everybody looks like protection in every list of policies, and is none.
#   remediation: Name principals, service accounts or networks.
package packs.segmentation_baseline.seg_l7_002

deny contains violation if {
	group == "security.istio.io"
	object.get(spec, "action", "ALLOW") == "ALLOW"
	some index, rule in spec.rules
	nobody_in_particular(rule)
	violation := finding(sprintf("spec.rules[%v]", [index]), "the rule admits every caller", rule)
}

deny contains violation if {
	group == "policy.linkerd.io"
	some found in linkerd
	violation := finding(found.path, found.message, found.value)
}

deny contains violation if {
	group == "cilium.io"
	some direction in ["ingress", "egress"]
	some i, rule in spec[direction]
	some j, ports in rule.toPorts
	some k, http in ports.rules.http
	http == {}
	violation := finding(sprintf("spec.%s[%v].toPorts[%v].rules.http[%v]", [direction, i, j, k]), "the HTTP rule matches every request", http)
}

request := input.review.request

group := object.get(request.kind, "group", "")

spec := request.object.spec

nobody_in_particular(rule) if rule == {}

nobody_in_particular(rule) if {
	some from in rule.from
	from.source.principals == ["*"]
}

# Without `from` a rule is open to everybody who asks for what `to` names.
nobody_in_particular(rule) if {
	not rule.from
	not rule.when
	some to in rule.to
	every field in ["methods", "paths", "hosts", "ports"] { object.get(to, ["operation", field], ["*"]) in [["*"], ["/*"]] }
}

linkerd contains {"path": "spec.requiredAuthenticationRefs", "message": "no authentication is required", "value": []} if {
	request.kind.kind == "AuthorizationPolicy"
	is_object(spec)
	count(object.get(spec, "requiredAuthenticationRefs", [])) == 0
}

linkerd contains {"path": "spec.client.unauthenticated", "message": "unauthenticated clients are let in", "value": true} if {
	request.kind.kind == "ServerAuthorization"
	spec.client.unauthenticated == true
}

linkerd contains {"path": "spec.identities", "message": "every identity is let in", "value": "*"} if {
	request.kind.kind == "MeshTLSAuthentication"
	"*" in spec.identities
}

linkerd contains {"path": sprintf("spec.networks[%v].cidr", [index]), "message": "every address is let in", "value": network.cidr} if {
	request.kind.kind == "NetworkAuthentication"
	some index, network in spec.networks
	endswith(network.cidr, "/0")
}

finding(path, message, value) := {
	"message": message,
	"path": path,
	"fix": "name principals, service accounts or networks",
	"details": {"value": value},
}
