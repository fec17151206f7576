package packs.segmentation_baseline.seg_gv_005_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_gv_005

labelled := {"metadata": {"labels": {"app.kubernetes.io/name": "firebreak"}}}

changing(kind, name, may) := requests.by("alice", {
	"facts": {"access": {"changeInstallation": may}},
	"review": {"request": {"operation": "DELETE", "kind": {"kind": kind}, "name": name, "oldObject": labelled}},
})

test_denied_what_is_ours if {
	every pair in [["CustomResourceDefinition", "isolationprofiles.firebreak.dev"], ["ClusterRole", "firebreak"], ["ClusterRoleBinding", "firebreak-set-namespace-modes"]] {
		count(seg_gv_005.deny) == 1 with input as changing(pair[0], pair[1], false)
	}
}

test_allowed_with_the_verb if {
	count(seg_gv_005.deny) == 0 with input as changing("ClusterRole", "firebreak", true)
}

test_allowed_what_is_not_ours if {
	count(seg_gv_005.deny) == 0 with input as changing("ClusterRole", "view", false)
	count(seg_gv_005.deny) == 0 with input as changing("CustomResourceDefinition", "firebreak.dev.example", false)
}

test_exempt_garbage_collection if {
	collected := requests.by("system:serviceaccount:kube-system:generic-garbage-collector", changing("ClusterRole", "firebreak", false))
	count(seg_gv_005.deny) == 0 with input as collected
}

test_exempt_aggregation if {
	rule := {"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]}
	count(seg_gv_005.deny) == 0 with input as aggregated(rule, rule)
	count(seg_gv_005.deny) == 1 with input as aggregated(rule, {})
}

aggregated(before, after) := requests.by(
	"system:serviceaccount:kube-system:clusterrole-aggregation-controller",
	object.union(changing("ClusterRole", "firebreak-read", false), {"review": {"request": {
		"operation": "UPDATE",
		"oldObject": {"aggregationRule": before},
		"object": {"aggregationRule": after},
	}}}),
)

test_malformed_name_is_no_crash if {
	count(seg_gv_005.deny) == 0 with input as changing("ClusterRole", 7, false)
}
