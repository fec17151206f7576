package packs.segmentation_baseline.seg_hv_002_test

import data.packs.segmentation_baseline.seg_hv_002

given(kind, thing, coverage) := {
	"facts": {"protectedKeys": ["firebreak.dev/tenant"], "inherited": {"firebreak.dev/tenant": "acme"}},
	"effect": {"coverage": coverage},
	"review": {"request": {"kind": {"kind": kind}, "object": thing}},
}

covered := {"ingress": true, "egress": true}

template(labels) := {"spec": {"template": {"metadata": {"labels": labels}}}}

test_denied_claim if {
	some violation in seg_hv_002.deny with input as given("VirtualMachine", template({"firebreak.dev/tenant": "other"}), covered)
	startswith(violation.path, "spec.template")
}

test_denied_claim_of_an_instance if {
	count(seg_hv_002.deny) == 1 with input as given("VirtualMachineInstance", {"metadata": {"labels": {"firebreak.dev/tenant": "other"}}}, covered)
}

test_denied_uncovered if {
	count(seg_hv_002.deny) == 1 with input as given("VirtualMachine", template({}), {"ingress": false, "egress": true})
}

test_allowed_own_domain if {
	count(seg_hv_002.deny) == 0 with input as given("VirtualMachine", template({"firebreak.dev/tenant": "acme"}), covered)
}

test_exempt_without_coverage if {
	count(seg_hv_002.deny) == 0 with input as given("VirtualMachine", template({}), {})
}

test_malformed_template_is_no_crash if {
	count(seg_hv_002.deny) == 0 with input as given("VirtualMachine", {"spec": 1}, covered)
}
