package packs.segmentation_baseline.seg_op_010_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_op_010

configuration(data_) := {"data": data_}

changing(name, before, after) := {
	"facts": {"resolverConfigurations": ["kube-system/coredns"]},
	"review": {"request": {
		"operation": "UPDATE",
		"kind": {"kind": "ConfigMap"},
		"namespace": "kube-system",
		"name": name,
		"object": configuration(after),
		"oldObject": configuration(before),
	}},
}

test_warned_host_aliases if {
	aliases := [{"ip": "192.0.2.1", "hostnames": ["db"]}]
	some violation in seg_op_010.deny with input as requests.create("Pod", requests.pod({"hostAliases": aliases}))
	violation.path == "spec.hostAliases"
}

test_warned_own_nameservers if {
	spec := {"dnsPolicy": "None", "dnsConfig": {"nameservers": ["192.0.2.53"]}}
	some violation in seg_op_010.deny with input as requests.create("Deployment", requests.deployment(spec))
	violation.path == "spec.template.spec.dnsConfig"
}

test_warned_resolver_configuration if {
	some violation in seg_op_010.deny with input as changing("coredns", {"Corefile": "a"}, {"Corefile": "b"})
	violation.path == "data"
}

test_allowed_search_domains if {
	count(seg_op_010.deny) == 0 with input as requests.create("Pod", requests.pod({"dnsConfig": {"options": [{"name": "ndots", "value": "2"}]}}))
	count(seg_op_010.deny) == 0 with input as requests.create("Pod", requests.pod({"hostAliases": []}))
}

test_exempt_other_config_maps if {
	count(seg_op_010.deny) == 0 with input as changing("app", {"a": "1"}, {"a": "2"})
	count(seg_op_010.deny) == 0 with input as changing("coredns", {"a": "1"}, {"a": "1"})
}

test_malformed_fields_are_no_crash if {
	count(seg_op_010.deny) == 0 with input as requests.create("Pod", requests.pod({"hostAliases": 7, "dnsConfig": "x"}))
}
