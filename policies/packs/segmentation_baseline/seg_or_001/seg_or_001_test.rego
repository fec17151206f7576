package packs.segmentation_baseline.seg_or_001_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_or_001

owners := [{"tier": tier, "users": ["carol"], "groups": ["netsec"]} | some tier in ["security", "Admin", "Baseline", "clusterwide", "default"]]

calico(tier) := {"metadata": {"name": tier}, "spec": {"tier": tier}}

test_denied_in_each_dialect if {
	every kind, thing in {
		"Tier": calico("security"),
		"GlobalNetworkPolicy": calico("security"),
		"NetworkPolicy": {"spec": {}},
		"ClusterNetworkPolicy": {"spec": {"tier": "Admin"}},
		"AdminNetworkPolicy": {"spec": {}},
		"BaselineAdminNetworkPolicy": {"spec": {}},
		"CiliumClusterwideNetworkPolicy": {"spec": {}},
	} {
		count(seg_or_001.deny) == 1 with input as requests.create(kind, thing) with data.params.segmentation_baseline.seg_or_001.owners as owners
	}
}

test_denied_leaving_and_deleting if {
	every thing in [requests.update("GlobalNetworkPolicy", calico("security"), calico("app")), requests.remove("GlobalNetworkPolicy", calico("security"))] {
		some violation in seg_or_001.deny with input as thing with data.params.segmentation_baseline.seg_or_001.owners as owners
		violation.details.tier == "security"
	}
}

test_allowed_owner_and_other_tiers if {
	mine := [{"tier": "security", "users": ["alice"], "groups": []}]
	count(seg_or_001.deny) == 0 with input as requests.create("Tier", calico("security")) with data.params.segmentation_baseline.seg_or_001.owners as mine
	count(seg_or_001.deny) == 0 with input as requests.create("Tier", calico("app")) with data.params.segmentation_baseline.seg_or_001.owners as owners
}

test_exempt_garbage_collection if {
	collected := requests.by("system:serviceaccount:kube-system:generic-garbage-collector", requests.remove("Tier", calico("security")))
	count(seg_or_001.deny) == 0 with input as collected with data.params.segmentation_baseline.seg_or_001.owners as owners
}

test_malformed_policy_is_no_crash if {
	count(seg_or_001.deny) == 0 with input as requests.create("ClusterNetworkPolicy", {"spec": 7}) with data.params.segmentation_baseline.seg_or_001.owners as owners
	count(seg_or_001.deny) == 0 with input as requests.create("Tier", {}) with data.params.segmentation_baseline.seg_or_001.owners as owners
}
