# METADATA
# title: In through the approved gateways
# description: >-
#   Once `params.classes` or `params.gateways` list the approved entries: an Ingress of another class, a route to another
#   Gateway. A route to a Service of another namespace warns in any case.
# scope: package
# custom:
#   id: SEG-EX-006
#   severity: high
#   action: deny
#   tier: Standard
#   ratchet: true
#   kinds: [networking.k8s.io/Ingress, gateway.networking.k8s.io/HTTPRoute, gateway.networking.k8s.io/GRPCRoute, gateway.networking.k8s.io/TLSRoute, gateway.networking.k8s.io/TCPRoute, gateway.networking.k8s.io/UDPRoute]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     An entry that nobody watches is an entry without TLS rules, without a web firewall and without a log; a backend in
#     another namespace crosses a boundary at the gateway, where no policy of the pods sees the sender.
#   remediation: Use an approved class or Gateway, and route to Services of your own namespace.
package packs.segmentation_baseline.seg_ex_006

deny contains violation if {
	request.kind.kind == "Ingress"
	is_object(request.object.spec)
	count(settings.classes) > 0
	class := ingress_class
	not class in settings.classes
	violation := {
		"message": sprintf("the ingress class %s is not approved", [class]),
		"path": "spec.ingressClassName",
		"fix": sprintf("use one of %s", [concat(", ", settings.classes)]),
		"details": {"class": class},
	}
}

deny contains violation if {
	count(settings.gateways) > 0
	some index, parent in object.get(request.object, ["spec", "parentRefs"], [])
	gateway := sprintf("%s/%s", [object.get(parent, "namespace", request.namespace), parent.name])
	not gateway in settings.gateways
	violation := {
		"message": sprintf("the Gateway %s is not approved", [gateway]),
		"path": sprintf("spec.parentRefs[%v]", [index]),
		"fix": sprintf("use one of %s", [concat(", ", settings.gateways)]),
		"details": {"gateway": gateway},
	}
}

deny contains violation if {
	endswith(request.kind.kind, "Route")
	some i, rule in object.get(request.object, ["spec", "rules"], [])
	some j, backend in object.get(rule, "backendRefs", [])
	backend.namespace != request.namespace
	violation := {
		"message": sprintf("the route ends in namespace %s: a ReferenceGrant there must allow it", [backend.namespace]),
		"path": sprintf("spec.rules[%v].backendRefs[%v].namespace", [i, j]),
		"fix": "route to a Service of your own namespace",
		"details": {"backend": backend},
		"action": "warn",
	}
}

request := input.review.request

settings := data.params.segmentation_baseline.seg_ex_006

ingress_class := class if {
	class := request.object.spec.ingressClassName
} else := class if {
	class := request.object.metadata.annotations["kubernetes.io/ingress.class"]
} else := "(none)"
