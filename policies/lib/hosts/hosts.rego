# METADATA
# title: The host names of an entry
# description: Ingress (networking.k8s.io/v1), and Gateway and routes (gateway.networking.k8s.io).
# scope: package
package lib.hosts

spec := object.get(input.review.request.object, "spec", {})

found contains {"path": sprintf("spec.rules[%v].host", [index]), "host": object.get(rule, "host", "")} if {
	input.review.request.kind.kind == "Ingress"
	some index, rule in spec.rules
}

found contains {"path": sprintf("spec.listeners[%v].hostname", [index]), "host": object.get(listener, "hostname", "")} if {
	some index, listener in spec.listeners
}

found contains {"path": sprintf("spec.hostnames[%v]", [index]), "host": host} if {
	some index, host in spec.hostnames
}
