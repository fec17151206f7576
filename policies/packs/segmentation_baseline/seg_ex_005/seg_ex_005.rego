# METADATA
# title: Entries speak TLS
# description: >-
#   An Ingress whose host no tls entry covers, a Gateway listener that speaks plain HTTP or TCP, a Route without tls. The
#   path of ACME HTTP-01 solvers may be plain: it is by design.
# scope: package
# custom:
#   id: SEG-EX-005
#   severity: high
#   action: warn
#   enclaveAction: deny
#   tier: Standard
#   ratchet: true
#   kinds: [networking.k8s.io/Ingress, gateway.networking.k8s.io/Gateway, route.openshift.io/Route]
#   operations: [CREATE, UPDATE]
#   facts: [enclave]
#   rationale: >-
#     What crosses the edge in the clear can be read and changed by everybody on the way.
#   remediation: Add a tls entry that covers the host, or an HTTPS listener.
package packs.segmentation_baseline.seg_ex_005

deny contains violation if {
	request.kind.kind == "Ingress"
	some index, rule in object.get(spec, "rules", [])
	host := object.get(rule, "host", "")
	not covered(host)
	not solver(rule)
	violation := {
		"message": sprintf("no tls entry covers %s", [shown(host)]),
		"path": sprintf("spec.rules[%v]", [index]),
		"fix": "add the host to spec.tls with a certificate",
		"details": {"host": host},
	}
}

deny contains violation if {
	request.kind.kind == "Ingress"
	spec.defaultBackend
	count(object.get(spec, "tls", [])) == 0
	violation := {
		"message": "the default backend is served without TLS",
		"path": "spec.defaultBackend",
		"fix": "add spec.tls with a certificate",
		"details": {"host": ""},
	}
}

deny contains violation if {
	request.kind.kind == "Gateway"
	some index, listener in object.get(spec, "listeners", [])
	listener.protocol in {"HTTP", "TCP"}
	violation := {
		"message": sprintf("listener %s speaks plain %s", [listener.name, listener.protocol]),
		"path": sprintf("spec.listeners[%v].protocol", [index]),
		"fix": "use HTTPS or TLS with a certificate",
		"details": {"listener": listener.name, "protocol": listener.protocol},
	}
}

deny contains violation if {
	request.kind.kind == "Route"
	is_object(spec)
	not spec.tls
	violation := {
		"message": "the Route is served without TLS",
		"path": "spec.tls",
		"fix": "add spec.tls with a termination",
		"details": {"host": object.get(spec, "host", "")},
	}
}

request := input.review.request

spec := request.object.spec

covered(host) if {
	some entry in object.get(spec, "tls", [])
	count(object.get(entry, "hosts", [])) == 0
	host == host
}

covered(host) if {
	some entry in object.get(spec, "tls", [])
	some name in entry.hosts
	matches(name, host)
}

matches(name, host) if name == host

# A wildcard of a certificate stands for one label (RFC 9525).
matches(name, host) if {
	startswith(name, "*.")
	labels := split(host, ".")
	concat(".", array.concat(["*"], array.slice(labels, 1, count(labels)))) == name
}

solver(rule) if {
	paths := [object.get(entry, "path", "/") | some entry in rule.http.paths]
	count(paths) > 0
	every path in paths { startswith(path, "/.well-known/acme-challenge/") }
}

shown("") := "the rule without a host"

shown(host) := host if host != ""
