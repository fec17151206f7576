package packs.segmentation_baseline.seg_ex_006_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_ex_006

ingress(spec, annotations) := requests.create("Ingress", {"metadata": {"annotations": annotations}, "spec": spec})

route(spec) := requests.create("HTTPRoute", {"spec": spec})

test_denied_class_that_is_not_listed if {
	every thing in [ingress({"ingressClassName": "mine"}, {}), ingress({}, {"kubernetes.io/ingress.class": "mine"}), ingress({}, {})] {
		some violation in seg_ex_006.deny with input as thing with data.params.segmentation_baseline.seg_ex_006.classes as ["public"]
		violation.path == "spec.ingressClassName"
	}
}

test_denied_gateway_that_is_not_listed if {
	some violation in seg_ex_006.deny with input as route({"parentRefs": [{"name": "mine"}]})
		with data.params.segmentation_baseline.seg_ex_006.gateways as ["edge/public"]
	violation.details.gateway == "shop/mine"
}

test_warned_backend_of_another_namespace if {
	some violation in seg_ex_006.deny with input as route({"rules": [{"backendRefs": [{"name": "db", "namespace": "other"}]}]})
	violation.action == "warn"
}

test_allowed_listed_entries if {
	count(seg_ex_006.deny) == 0 with input as ingress({"ingressClassName": "public"}, {})
		with data.params.segmentation_baseline.seg_ex_006.classes as ["public"]
	count(seg_ex_006.deny) == 0 with input as route({"parentRefs": [{"name": "public", "namespace": "edge"}], "rules": [{"backendRefs": [{"name": "web"}]}]})
		with data.params.segmentation_baseline.seg_ex_006.gateways as ["edge/public"]
}

test_exempt_without_a_list if {
	count(seg_ex_006.deny) == 0 with input as ingress({"ingressClassName": "mine"}, {})
}

test_malformed_spec_is_no_crash if {
	count(seg_ex_006.deny) == 0 with input as route({"parentRefs": [7], "rules": "x"})
	count(seg_ex_006.deny) == 0 with input as ingress("x", {}) with data.params.segmentation_baseline.seg_ex_006.classes as ["public"]
}
