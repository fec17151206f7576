package packs.segmentation_baseline.seg_gv_006_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_gv_006

role(name, rule) := requests.create("ClusterRole", {"metadata": {"name": name}, "rules": [rule]})

writing := {"apiGroups": ["networking.k8s.io"], "resources": ["networkpolicies"], "verbs": ["get", "patch"]}

binding(role_name, subject) := requests.create("RoleBinding", {"roleRef": {"kind": "ClusterRole", "name": role_name}, "subjects": [{"name": subject}]})

test_warned_writing_role if {
	some violation in seg_gv_006.deny with input as role("dev", writing)
	violation.details == {"resources": ["networkpolicies.networking.k8s.io"], "verbs": ["patch"]}
}

test_warned_wildcards if {
	count(seg_gv_006.deny) == 1 with input as role("all", {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]})
}

test_warned_binding_to_edit if {
	some violation in seg_gv_006.deny with input as binding("edit", "bob")
	violation.path == "roleRef.name"
}

test_allowed_reading if {
	count(seg_gv_006.deny) == 0 with input as role("dev", object.union(writing, {"verbs": ["get", "list"]}))
	count(seg_gv_006.deny) == 0 with input as role("dev", {"apiGroups": [""], "resources": ["pods"], "verbs": ["*"]})
	count(seg_gv_006.deny) == 0 with input as binding("view", "bob")
}

test_exempt_what_kubernetes_keeps if {
	count(seg_gv_006.deny) == 0 with input as role("edit", writing)
	count(seg_gv_006.deny) == 0 with input as role("firebreak", writing)
	count(seg_gv_006.deny) == 0 with input as role("system:controller:x", writing)
	count(seg_gv_006.deny) == 0 with input as binding("cluster-admin", "system:masters")
}

test_malformed_rules_are_no_crash if {
	count(seg_gv_006.deny) == 0 with input as role("dev", 7)
	count(seg_gv_006.deny) == 0 with input as requests.create("RoleBinding", {"roleRef": "x"})
}
