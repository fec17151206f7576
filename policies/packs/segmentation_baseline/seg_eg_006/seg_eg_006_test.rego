package packs.segmentation_baseline.seg_eg_006_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_eg_006

to(cidrs) := requests.create_policy({"egress": [{"to": [{"ipBlock": {"cidr": cidr}} | some cidr in cidrs]}]})

test_warned_one_family if {
	every cidr in ["10.1.0.0/24", "fd00::/64"] {
		some violation in seg_eg_006.deny with input as to([cidr]) with data.params.segmentation_baseline.seg_eg_006.dualStack as true
		violation.path == "spec.egress[0].to"
	}
}

test_allowed_both_families if {
	count(seg_eg_006.deny) == 0 with input as to(["10.1.0.0/24", "fd00::/64"])
		with data.params.segmentation_baseline.seg_eg_006.dualStack as true
}

test_exempt_single_stack if {
	count(seg_eg_006.deny) == 0 with input as to(["10.1.0.0/24"])
}

test_malformed_block_is_no_crash if {
	count(seg_eg_006.deny) == 0 with input as to([7]) with data.params.segmentation_baseline.seg_eg_006.dualStack as true
}
