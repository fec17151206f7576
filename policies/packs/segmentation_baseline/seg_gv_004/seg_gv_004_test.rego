package packs.segmentation_baseline.seg_gv_004_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_gv_004

in_enclave(thing) := object.union(thing, {"facts": {"enclave": true}})

by_git := {"users": ["system:serviceaccount:argocd:controller"], "groups": [], "commitAnnotation": "git/commit"}

committed := {"metadata": {"annotations": {"git/commit": "abc"}}, "spec": {}}

test_denied_by_hand if {
	every thing in [requests.create_policy({}), requests.delete_policy({})] {
		count(seg_gv_004.deny) == 1 with input as in_enclave(thing) with data.params.segmentation_baseline.seg_gv_004 as by_git
	}
}

test_denied_without_a_commit if {
	some violation in seg_gv_004.deny with input as requests.by("system:serviceaccount:argocd:controller", in_enclave(requests.create_policy({})))
		with data.params.segmentation_baseline.seg_gv_004 as by_git
	violation.path == `metadata.annotations["git/commit"]`
}

test_allowed_from_git if {
	thing := in_enclave(requests.create("NetworkPolicy", committed))
	count(seg_gv_004.deny) == 0 with input as requests.by("system:serviceaccount:argocd:controller", thing)
		with data.params.segmentation_baseline.seg_gv_004 as by_git
}

test_exempt_outside_and_unconfigured if {
	count(seg_gv_004.deny) == 0 with input as requests.create_policy({}) with data.params.segmentation_baseline.seg_gv_004 as by_git
	count(seg_gv_004.deny) == 0 with input as in_enclave(requests.create_policy({}))
}

test_exempt_namespace_deletion if {
	thing := requests.by("system:serviceaccount:kube-system:namespace-controller", in_enclave(requests.delete_policy({})))
	count(seg_gv_004.deny) == 0 with input as thing with data.params.segmentation_baseline.seg_gv_004 as by_git
}

test_malformed_metadata_is_no_crash if {
	thing := in_enclave(requests.create("NetworkPolicy", {"metadata": 7}))
	count(seg_gv_004.deny) == 1 with input as requests.by("system:serviceaccount:argocd:controller", thing)
		with data.params.segmentation_baseline.seg_gv_004 as by_git
}
