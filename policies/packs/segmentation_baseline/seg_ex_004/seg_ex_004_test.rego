package packs.segmentation_baseline.seg_ex_004_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_ex_004

ingress(host) := object.union(requests.create("Ingress", {"spec": {"rules": [{"host": host}]}}), {"facts": {
	"tenantKey": "tenant",
	"inherited": {"tenant": "globex"},
}})

owned := [{"domain": "acme.example", "tenants": ["acme"]}]

test_warned_empty_and_wildcard_hosts if {
	every host in ["", "*", "*.shop.example"] {
		some violation in seg_ex_004.deny with input as ingress(host)
		violation.action == "warn"
		violation.path == "spec.rules[0].host"
	}
}

test_denied_host_of_another_tenant if {
	every host in ["acme.example", "WWW.acme.example", "*.acme.example"] {
		some violation in seg_ex_004.deny with input as ingress(host) with data.params.segmentation_baseline.seg_ex_004.hosts as owned
		not violation.action
	}
}

test_allowed_named_host if {
	count(seg_ex_004.deny) == 0 with input as ingress("www.globex.example")
		with data.params.segmentation_baseline.seg_ex_004.hosts as owned
	count(seg_ex_004.deny) == 0 with input as ingress("notacme.example")
		with data.params.segmentation_baseline.seg_ex_004.hosts as owned
}

test_exempt_route_of_a_gateway if {
	count(seg_ex_004.deny) == 0 with input as requests.create("HTTPRoute", {"spec": {}})
}

test_malformed_rules_are_no_crash if {
	count(seg_ex_004.deny) == 0 with input as requests.create("Ingress", {"spec": {"rules": "x"}})
}
