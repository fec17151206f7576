package packs.segmentation_baseline.seg_eg_007_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_eg_007

test_warned_in_a_policy if {
	some violation in seg_eg_007.deny with input as requests.create_policy({"egress": [{"ports": [{"port": 23}]}]})
	violation.path == "spec.egress[0].ports[0]"
}

test_warned_in_a_service if {
	some violation in seg_eg_007.deny with input as requests.create("Service", {"spec": {"ports": [{"port": 80}, {"port": 389}]}})
	violation.path == "spec.ports[1]"
}

test_allowed_protected_protocols if {
	count(seg_eg_007.deny) == 0 with input as requests.create_policy({"egress": [{"ports": [{"port": 443}, {"port": 636}, {"port": "ldap"}]}]})
}

test_exempt_policy_without_ports if {
	count(seg_eg_007.deny) == 0 with input as requests.create_policy({"egress": [{"to": []}]})
}

test_malformed_ports_are_no_crash if {
	count(seg_eg_007.deny) == 0 with input as requests.create("Service", {"spec": {"ports": [7, null]}})
}
