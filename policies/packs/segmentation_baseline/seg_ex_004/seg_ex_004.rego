# METADATA
# title: A host name is one, and belongs to its tenant
# description: >-
#   An Ingress rule or a Gateway listener without a host or with a wildcard warns. Once `params.hosts` says which tenant a
#   domain belongs to, a host below it in the namespace of another tenant is refused.
# scope: package
# custom:
#   id: SEG-EX-004
#   severity: medium
#   action: deny
#   tier: Standard
#   ratchet: true
#   kinds: [networking.k8s.io/Ingress, gateway.networking.k8s.io/Gateway, gateway.networking.k8s.io/HTTPRoute, gateway.networking.k8s.io/GRPCRoute, gateway.networking.k8s.io/TLSRoute]
#   operations: [CREATE, UPDATE]
#   facts: [namespace]
#   rationale: >-
#     A rule without a host answers for every name that reaches the gateway; a name that another tenant owns takes over
#     its visitors.
#   remediation: Name the host, one that belongs to the tenant of the namespace.
package packs.segmentation_baseline.seg_ex_004

import data.lib.hosts

deny contains violation if {
	some found in hosts.found
	wide(found)
	violation := {
		"message": sprintf("%s answers for %s", [found.path, shown(found.host)]),
		"path": found.path,
		"fix": "name the host",
		"details": {"host": found.host},
		"action": "warn",
	}
}

deny contains violation if {
	some found in hosts.found
	some entry in data.params.segmentation_baseline.seg_ex_004.hosts
	below(found.host, entry.domain)
	tenant := object.get(input.facts.inherited, input.facts.tenantKey, "nobody")
	not tenant in entry.tenants
	violation := {
		"message": sprintf("%s belongs to %s, and this namespace is of %s", [found.host, concat(", ", entry.tenants), tenant]),
		"path": found.path,
		"fix": "use a host of your own tenant",
		"details": {"host": found.host},
	}
}

# A route takes the hosts of its Gateway where it names none.
wide(found) if {
	found.host == ""
	not endswith(input.review.request.kind.kind, "Route")
}

wide(found) if startswith(found.host, "*")

shown("") := "every host name"

shown(host) := host if host != ""

below(host, domain) if lower(host) == domain

below(host, domain) if endswith(lower(host), concat("", [".", domain]))
