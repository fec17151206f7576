package packs.segmentation_baseline.seg_or_006_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_or_006

with_spec(kind, spec) := requests.create(kind, {"spec": spec})

test_warned_each_switch if {
	every spec in [{"doNotTrack": true}, {"preDNAT": true}, {"applyOnForward": true}, {"failsafeInboundHostPorts": []}, {"enableDefaultDeny": {"ingress": false}}] {
		some violation in seg_or_006.deny with input as with_spec("GlobalNetworkPolicy", spec)
		violation.action == "warn"
	}
	some violation in seg_or_006.deny with input as requests.create("CiliumNetworkPolicy", {"specs": [{"enableDefaultDeny": {"egress": false}}]})
	violation.path == "specs[0].enableDefaultDeny.egress"
}

test_denied_once_admins_are_listed if {
	some violation in seg_or_006.deny with input as with_spec("GlobalNetworkPolicy", {"doNotTrack": true})
		with data.params.segmentation_baseline.seg_or_006.groups as ["network-admins"]
	violation.action == "deny"
}

test_allowed_ordinary_policy if {
	count(seg_or_006.deny) == 0 with input as with_spec("GlobalNetworkPolicy", {"doNotTrack": false, "enableDefaultDeny": {"ingress": true}})
}

test_exempt_network_admin if {
	count(seg_or_006.deny) == 0 with input as with_spec("GlobalNetworkPolicy", {"doNotTrack": true})
		with data.params.segmentation_baseline.seg_or_006.users as ["alice"]
}

test_malformed_spec_is_no_crash if {
	count(seg_or_006.deny) == 0 with input as with_spec("GlobalNetworkPolicy", "x")
}
