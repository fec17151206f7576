package packs.segmentation_baseline.seg_l7_001_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_l7_001

peer_authentication(spec) := requests.of("security.istio.io", "PeerAuthentication", {"spec": spec})

in_enclave(thing) := object.union(thing, {"facts": {"enclave": true}})

test_warned_istio if {
	some violation in seg_l7_001.deny with input as peer_authentication({"mtls": {"mode": "DISABLE"}})
	violation.path == "spec.mtls.mode"
	ports := {"mtls": {"mode": "STRICT"}, "portLevelMtls": {"8080": {"mode": "DISABLE"}}}
	some port in seg_l7_001.deny with input as peer_authentication(ports)
	port.path == "spec.portLevelMtls.8080.mode"
}

test_warned_destination_rule if {
	traffic := {"tls": {"mode": "DISABLE"}, "portLevelSettings": [{"tls": {"mode": "DISABLE"}}]}
	found := seg_l7_001.deny with input as requests.of("networking.istio.io", "DestinationRule", {"spec": {"trafficPolicy": traffic}})
	count(found) == 2
}

test_warned_linkerd if {
	count(seg_l7_001.deny) == 1 with input as requests.of("policy.linkerd.io", "Server", {"spec": {"accessPolicy": "all-unauthenticated"}})
	annotated := {"metadata": {"annotations": {"config.linkerd.io/default-inbound-policy": "cluster-unauthenticated"}}}
	count(seg_l7_001.deny) == 1 with input as requests.create("Namespace", annotated)
	some violation in seg_l7_001.deny with input as requests.create("Deployment", {"spec": {"template": annotated}})
	startswith(violation.path, "spec.template.metadata.annotations")
}

test_warned_cilium if {
	count(seg_l7_001.deny) == 1 with input as requests.of("cilium.io", "CiliumNetworkPolicy", {"spec": {"ingress": [{"authentication": {"mode": "disabled"}}]}})
}

test_denied_permissive_in_an_enclave if {
	every spec in [{"mtls": {"mode": "PERMISSIVE"}}, {}, {"mtls": {"mode": "STRICT"}, "portLevelMtls": {"80": {}}}] {
		count(seg_l7_001.deny) == 1 with input as in_enclave(peer_authentication(spec))
	}
}

test_allowed_strict if {
	count(seg_l7_001.deny) == 0 with input as in_enclave(peer_authentication({"mtls": {"mode": "STRICT"}}))
}

test_exempt_permissive_elsewhere if {
	count(seg_l7_001.deny) == 0 with input as peer_authentication({"mtls": {"mode": "PERMISSIVE"}})
}

test_malformed_spec_is_no_crash if {
	count(seg_l7_001.deny) == 0 with input as peer_authentication("x")
}
