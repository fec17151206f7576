# METADATA
# title: Services and endpoints lead nowhere else
# description: >-
#   Endpoints that are written by hand, and ExternalName Services, do not lead to loopback, link-local and metadata
#   addresses, to pods of another namespace, or to a Service of another namespace.
# scope: package
# custom:
#   id: SEG-EX-008
#   severity: high
#   action: warn
#   tier: Standard
#   ratchet: true
#   kinds: [/Service, /Endpoints, discovery.k8s.io/EndpointSlice]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     A gateway follows a Service with its own rights: whoever writes the endpoints lends themselves those rights
#     (CVE-2021-25740).
#   remediation: Point at what is yours; reach others through their own entry.
package packs.segmentation_baseline.seg_ex_008

deny contains violation if {
	request.kind.kind == "Service"
	request.object.spec.type == "ExternalName"
	name := trim_suffix(lower(request.object.spec.externalName), ".")
	how := elsewhere(name)
	violation := {
		"message": sprintf("the name %s leads to %s", [name, how]),
		"path": "spec.externalName",
		"fix": "reach it by its own name, or through its own entry",
		"details": {"name": name},
	}
}

deny contains violation if {
	some found in addresses
	some block in blocked
	family(found.address) == family(block)
	net.cidr_contains(block, found.address)
	violation := {
		"message": sprintf("%s is an address of the node itself, or of the cloud's metadata", [found.address]),
		"path": found.path,
		"fix": "point at an address of your own",
		"details": {"address": found.address},
	}
}

deny contains violation if {
	some found in addresses
	target := object.get(found.target, "namespace", request.namespace)
	target != request.namespace
	violation := {
		"message": sprintf("%s is a pod of namespace %s", [found.address, target]),
		"path": found.path,
		"fix": "reach it through the Service of its own namespace",
		"details": {"address": found.address, "namespace": target},
	}
}

elsewhere(name) := sprintf("namespace %s", [parts[1]]) if {
	some suffix in [".svc", ".svc.cluster.local"]
	endswith(name, suffix)
	parts := split(name, ".")
	parts[1] != request.namespace
}

elsewhere(name) := "the machine itself" if name in {"localhost", "metadata.google.internal", "instance-data"}

blocked := ["127.0.0.0/8", "169.254.0.0/16", "::1/128", "fe80::/10", "fd00:ec2::/32"]

family(address) := "ipv6" if contains(address, ":")

family(address) := "ipv4" if not contains(address, ":")

addresses contains {"path": path, "address": address, "target": object.get(endpoint, "targetRef", {})} if {
	request.kind.kind == "EndpointSlice"
	some index, endpoint in object.get(request.object, "endpoints", [])
	some at, address in object.get(endpoint, "addresses", [])
	path := sprintf("endpoints[%d].addresses[%d]", [index, at])
}

addresses contains {"path": path, "address": endpoint.ip, "target": object.get(endpoint, "targetRef", {})} if {
	request.kind.kind == "Endpoints"
	some index, subset in object.get(request.object, "subsets", [])
	some at, endpoint in object.get(subset, "addresses", [])
	path := sprintf("subsets[%d].addresses[%d].ip", [index, at])
}

request := input.review.request
