package packs.segmentation_baseline.seg_ex_005_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_ex_005

ingress(spec) := requests.create("Ingress", {"spec": spec})

rule(host, path) := {"host": host, "http": {"paths": [{"path": path}]}}

test_warned_host_without_tls if {
	some violation in seg_ex_005.deny with input as ingress({"rules": [rule("a.example", "/")], "tls": [{"hosts": ["b.example"]}]})
	violation.path == "spec.rules[0]"
	count(seg_ex_005.deny) == 1 with input as ingress({"rules": [{}]})
	count(seg_ex_005.deny) == 1 with input as ingress({"defaultBackend": {"service": {}}})
}

test_warned_plain_listener_and_route if {
	listeners := [{"name": "http", "protocol": "HTTP"}, {"name": "https", "protocol": "HTTPS"}]
	some violation in seg_ex_005.deny with input as requests.create("Gateway", {"spec": {"listeners": listeners}})
	violation.path == "spec.listeners[0].protocol"
	count(seg_ex_005.deny) == 1 with input as requests.create("Route", {"spec": {"host": "a.example"}})
}

test_allowed_covered_hosts if {
	every hosts in [["a.example"], ["*.example"], []] {
		count(seg_ex_005.deny) == 0 with input as ingress({"rules": [rule("a.example", "/")], "tls": [{"hosts": hosts}]})
	}
	count(seg_ex_005.deny) == 0 with input as requests.create("Route", {"spec": {"tls": {"termination": "edge"}}})
}

test_denied_deeper_than_the_wildcard if {
	count(seg_ex_005.deny) == 1 with input as ingress({"rules": [rule("a.b.example", "/")], "tls": [{"hosts": ["*.example"]}]})
}

test_exempt_acme_solver if {
	count(seg_ex_005.deny) == 0 with input as ingress({"rules": [rule("a.example", "/.well-known/acme-challenge/abc")]})
}

test_malformed_spec_is_no_crash if {
	count(seg_ex_005.deny) == 0 with input as ingress("x")
	count(seg_ex_005.deny) == 0 with input as requests.create("Gateway", {"spec": {"listeners": 7}})
}
