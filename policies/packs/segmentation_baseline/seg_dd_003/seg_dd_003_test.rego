package packs.segmentation_baseline.seg_dd_003_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_dd_003

test_denied_egress_rules_without_the_type if {
	some violation in seg_dd_003.deny with input as requests.create_policy({"policyTypes": ["Ingress"], "egress": [{}]})
	violation.path == "spec.policyTypes"
	violation.details.direction == "egress"
}

test_denied_ingress_rules_without_the_type if {
	count(seg_dd_003.deny) == 1 with input as requests.create_policy({"policyTypes": ["Egress"], "ingress": [{}]})
}

test_allowed_types_that_cover_the_rules if {
	count(seg_dd_003.deny) == 0 with input as requests.create_policy({"policyTypes": ["Ingress", "Egress"], "egress": [{}]})
}

test_allowed_type_without_rules if {
	count(seg_dd_003.deny) == 0 with input as requests.create_policy({"policyTypes": ["Ingress"], "egress": []})
}

test_malformed_spec_is_no_crash if {
	count(seg_dd_003.deny) == 0 with input as requests.create("NetworkPolicy", {"spec": null})
	count(seg_dd_003.deny) == 1 with input as requests.create_policy({"egress": [{}]})
}
