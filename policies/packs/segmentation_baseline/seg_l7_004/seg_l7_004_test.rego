package packs.segmentation_baseline.seg_l7_004_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_l7_004

meshed := {"facts": {"enclave": false, "namespace": {"labels": {"istio-injection": "enabled"}}}}

pod(metadata, facts) := object.union(requests.create("Pod", {"metadata": metadata, "spec": {}}), facts)

test_warned_without_injection if {
	some violation in seg_l7_004.deny with input as pod({"labels": {"sidecar.istio.io/inject": "false"}}, meshed)
	violation.path == `metadata.labels["sidecar.istio.io/inject"]`
	count(seg_l7_004.deny) == 1 with input as pod({"annotations": {"linkerd.io/inject": "disabled"}}, {"facts": {"enclave": true}})
}

test_warned_round_the_proxy if {
	some violation in seg_l7_004.deny with input as pod({"annotations": {"traffic.sidecar.istio.io/excludeOutboundPorts": "5432"}}, meshed)
	violation.details.value == "5432"
}

test_warned_in_each_mesh if {
	every labels in [{"istio.io/rev": "stable"}, {"istio.io/dataplane-mode": "ambient"}] {
		facts := {"facts": {"namespace": {"labels": labels}}}
		count(seg_l7_004.deny) == 1 with input as pod({"labels": {"istio.io/dataplane-mode": "none"}}, facts)
	}
}

test_denied_for_an_enclave_itself if {
	thing := object.union(requests.create("Namespace", {"metadata": {"labels": {"istio-injection": "disabled"}}}), {"facts": {"enclave": true}})
	count(seg_l7_004.deny) == 1 with input as thing
}

test_allowed_injected if {
	count(seg_l7_004.deny) == 0 with input as pod({"labels": {"sidecar.istio.io/inject": "true"}}, meshed)
}

test_warned_where_the_namespace_is_unknown if {
	thing := {"review": {"request": {"kind": {"kind": "Pod"}, "object": {"metadata": {"labels": {"sidecar.istio.io/inject": "false"}}}}}, "facts": {"enclave": false}}
	count(seg_l7_004.deny) == 1 with input as thing
}

test_exempt_without_a_mesh if {
	count(seg_l7_004.deny) == 0 with input as pod({"labels": {"sidecar.istio.io/inject": "false"}}, {"facts": {"enclave": false}})
}

test_malformed_metadata_is_no_crash if {
	count(seg_l7_004.deny) == 0 with input as pod("x", meshed)
}
