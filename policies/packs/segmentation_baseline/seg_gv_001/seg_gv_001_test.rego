package packs.segmentation_baseline.seg_gv_001_test

import data.packs.segmentation_baseline.seg_gv_001

given(enclave, annotations) := {
	"facts": {"enclave": enclave, "reserved": {"policyNames": [], "policyPrefix": "firebreak-"}},
	"review": {"request": {"namespace": "shop", "name": "web", "object": {"metadata": {"annotations": annotations}, "spec": {"ingress": [{}]}}}},
}

reasons := {"firebreak.dev/owner": "a", "firebreak.dev/ticket": "b", "firebreak.dev/reason": "c"}

test_denied_in_an_enclave if {
	some violation in seg_gv_001.deny with input as given(true, {})
	count(violation.details.missing) == 3
}

test_denied_everywhere_once_set if {
	count(seg_gv_001.deny) == 1 with input as given(false, {})
		with data.params.segmentation_baseline.seg_gv_001.everywhere as true
}

test_allowed_with_reasons if {
	count(seg_gv_001.deny) == 0 with input as given(true, reasons)
}

test_exempt_outside_of_enclaves if {
	count(seg_gv_001.deny) == 0 with input as given(false, {})
}

test_malformed_annotations_are_missing if {
	count(seg_gv_001.deny) == 1 with input as given(true, 7)
}
