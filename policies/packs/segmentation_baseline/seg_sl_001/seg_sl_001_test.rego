package packs.segmentation_baseline.seg_sl_001_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_sl_001

test_denied_empty_rule if {
	some violation in seg_sl_001.deny with input as requests.create_policy({"ingress": [{}]})
	violation.path == "spec.ingress[0]"
	not violation.action
}

test_denied_empty_egress_rule if {
	count(seg_sl_001.deny) == 1 with input as requests.create_policy({"egress": [{"to": []}]})
}

test_denied_empty_peer if {
	count(seg_sl_001.deny) == 1 with input as requests.create_policy({"ingress": [{"from": [{}]}]})
}

test_warned_ports_without_peers if {
	some violation in seg_sl_001.deny with input as requests.create_policy({"ingress": [{"ports": [{"port": 80}]}]})
	violation.action == "warn"
}

test_allowed_peers_and_ports if {
	rule := {"from": [{"podSelector": {}}], "ports": [{"port": 80}]}
	count(seg_sl_001.deny) == 0 with input as requests.create_policy({"ingress": [rule]})
	count(seg_sl_001.deny) == 0 with input as requests.create_policy({"ingress": []})
}

test_malformed_rules_are_no_crash if {
	count(seg_sl_001.deny) == 0 with input as requests.create_policy({"ingress": "x"})
	count(seg_sl_001.deny) == 0 with input as requests.create_policy({"ingress": [{"from": "x"}]})
}
