package lib.hosts_test

import data.lib.hosts
import data.lib.requests

with_spec(kind, spec) := requests.create(kind, {"spec": spec})

test_hosts_of_each_kind if {
	ingress := {[entry.path, entry.host] | some entry in hosts.found} with input as with_spec("Ingress", {"rules": [{"host": "a"}, {}]})
	ingress == {["spec.rules[0].host", "a"], ["spec.rules[1].host", ""]}
	gateway := {[entry.path, entry.host] | some entry in hosts.found} with input as with_spec("Gateway", {"listeners": [{"hostname": "a"}]})
	gateway == {["spec.listeners[0].hostname", "a"]}
	route := {[entry.path, entry.host] | some entry in hosts.found} with input as with_spec("HTTPRoute", {"hostnames": ["a"], "rules": [{}]})
	route == {["spec.hostnames[0]", "a"]}
}
