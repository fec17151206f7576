package packs.segmentation_baseline.seg_ex_008_test

import data.packs.segmentation_baseline.seg_ex_008

given(kind, thing) := {"review": {"request": {"namespace": "shop", "kind": {"kind": kind}, "object": thing}}}

external(name) := given("Service", {"spec": {"type": "ExternalName", "externalName": name}})

test_denied_name_of_another_namespace if {
	some violation in seg_ex_008.deny with input as external("db.payments.svc.cluster.local")
	contains(violation.message, "payments")
}

test_denied_metadata_name if {
	count(seg_ex_008.deny) == 1 with input as external("metadata.google.internal.")
}

test_denied_metadata_address if {
	count(seg_ex_008.deny) == 1 with input as given("EndpointSlice", {"endpoints": [{"addresses": ["169.254.169.254"]}]})
	count(seg_ex_008.deny) == 1 with input as given("Endpoints", {"subsets": [{"addresses": [{"ip": "fe80::1"}]}]})
}

test_denied_pod_of_another_namespace if {
	slice := {"endpoints": [{"addresses": ["10.0.0.1"], "targetRef": {"kind": "Pod", "namespace": "payments"}}]}
	some violation in seg_ex_008.deny with input as given("EndpointSlice", slice)
	violation.details.namespace == "payments"
}

test_allowed_own_and_outside if {
	count(seg_ex_008.deny) == 0 with input as external("db.example.com")
	count(seg_ex_008.deny) == 0 with input as external("db.shop.svc")
	count(seg_ex_008.deny) == 0 with input as given("EndpointSlice", {"endpoints": [{"addresses": ["10.0.0.1"]}]})
}

test_exempt_other_services if {
	count(seg_ex_008.deny) == 0 with input as given("Service", {"spec": {"type": "ClusterIP"}})
}

test_malformed_endpoints_are_no_crash if {
	count(seg_ex_008.deny) == 0 with input as given("EndpointSlice", {"endpoints": [{"addresses": "x"}]})
}
