package packs.segmentation_baseline.seg_l7_002_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_l7_002

istio(spec) := requests.of("security.istio.io", "AuthorizationPolicy", {"spec": spec})

test_warned_istio_open_rules if {
	every rule in [{}, {"from": [{"source": {"principals": ["*"]}}]}, {"to": [{"operation": {"methods": ["*"], "paths": ["/*"]}}]}] {
		some violation in seg_l7_002.deny with input as istio({"rules": [rule]})
		violation.path == "spec.rules[0]"
	}
}

test_warned_linkerd if {
	every kind, spec in {
		"AuthorizationPolicy": {"requiredAuthenticationRefs": []},
		"ServerAuthorization": {"client": {"unauthenticated": true}},
		"MeshTLSAuthentication": {"identities": ["*"]},
		"NetworkAuthentication": {"networks": [{"cidr": "0.0.0.0/0"}]},
	} {
		count(seg_l7_002.deny) == 1 with input as requests.of("policy.linkerd.io", kind, {"spec": spec})
	}
}

test_warned_cilium_http if {
	spec := {"ingress": [{"toPorts": [{"rules": {"http": [{}]}}]}]}
	count(seg_l7_002.deny) == 1 with input as requests.of("cilium.io", "CiliumNetworkPolicy", {"spec": spec})
}

test_allowed_named_callers if {
	named := {"from": [{"source": {"principals": ["cluster.local/ns/shop/sa/api"]}}], "to": [{"operation": {"methods": ["GET"]}}]}
	count(seg_l7_002.deny) == 0 with input as istio({"rules": [named]})
	count(seg_l7_002.deny) == 0 with input as istio({"rules": [{"to": [{"operation": {"paths": ["/healthz"]}}]}]})
	count(seg_l7_002.deny) == 0 with input as requests.of("policy.linkerd.io", "MeshTLSAuthentication", {"spec": {"identities": ["api.shop"]}})
}

test_exempt_deny_rules if {
	count(seg_l7_002.deny) == 0 with input as istio({"action": "DENY", "rules": [{}]})
	count(seg_l7_002.deny) == 0 with input as istio({})
}

test_malformed_spec_is_no_crash if {
	count(seg_l7_002.deny) == 0 with input as istio("x")
	count(seg_l7_002.deny) == 0 with input as requests.of("policy.linkerd.io", "NetworkAuthentication", {"spec": {"networks": [7]}})
}
