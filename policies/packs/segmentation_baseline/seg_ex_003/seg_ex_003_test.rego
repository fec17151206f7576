package packs.segmentation_baseline.seg_ex_003_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_ex_003

service(addresses) := requests.create("Service", {"spec": {"externalIPs": addresses}})

test_denied_external_address if {
	some violation in seg_ex_003.deny with input as service(["192.0.2.1"])
	violation.path == "spec.externalIPs"
}

test_allowed_without if {
	count(seg_ex_003.deny) == 0 with input as service([])
	count(seg_ex_003.deny) == 0 with input as requests.create("Service", {"spec": {}})
}

test_exempt_status if {
	count(seg_ex_003.deny) == 0 with input as requests.create("Service", {"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}})
}

test_malformed_addresses_are_no_crash if {
	count(seg_ex_003.deny) == 0 with input as service(7)
}
