package packs.segmentation_baseline.seg_id_003_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_id_003

facts := {"protectedKeys": ["firebreak.dev/tenant", "firebreak.dev/exposure"], "inherited": {"firebreak.dev/tenant": "a"}}

labelled(kind, labels) := object.union(
	requests.create(kind, {"metadata": {"labels": labels}, "spec": {}}),
	{"facts": facts},
)

test_denied_other_tenant if {
	some violation in seg_id_003.deny with input as labelled("Pod", {"firebreak.dev/tenant": "b"})
	violation.path == `metadata.labels["firebreak.dev/tenant"]`
	contains(violation.message, "its own is a")
}

test_denied_key_that_the_namespace_does_not_have if {
	some violation in seg_id_003.deny with input as labelled("Pod", {"firebreak.dev/exposure": "internet"})
	contains(violation.fix, "platform team")
}

test_denied_in_a_template if {
	workload := {"spec": {"template": {"metadata": {"labels": {"firebreak.dev/tenant": "b"}}}}}
	some violation in seg_id_003.deny with input as object.union(requests.create("Deployment", workload), {"facts": facts})
	violation.path == `spec.template.metadata.labels["firebreak.dev/tenant"]`
}

test_denied_in_a_binding if {
	some violation in seg_id_003.deny with input as labelled("Binding", {"firebreak.dev/tenant": "b"})
	violation.path == `metadata.labels["firebreak.dev/tenant"]`
}

test_allowed_own_tenant if {
	count(seg_id_003.deny) == 0 with input as labelled("Pod", {"firebreak.dev/tenant": "a", "free": "label"})
}

test_malformed_labels_are_no_crash if {
	count(seg_id_003.deny) == 0 with input as labelled("Pod", "x")
}

test_denied_label_of_a_network_plugin if {
	some violation in seg_id_003.deny with input as {
		"facts": {"protectedKeys": [], "inherited": {}},
		"review": {"request": {"kind": {"kind": "Pod"}, "namespace": "shop", "object": {"metadata": {"labels": {"pcns.team": "platform"}}}}},
	}
	violation.details.key == "pcns.team"
}
