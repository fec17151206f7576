package packs.segmentation_baseline.seg_id_001_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_id_001

labelled(labels) := requests.create("Pod", {"metadata": {"labels": labels}, "spec": {}})

test_warned_pod_without_identity if {
	some violation in seg_id_001.deny with input as labelled({})
	violation.details.missing == ["component", "owner"]
	violation.path == "metadata.labels"
}

test_warned_template_without_owner if {
	workload := {"spec": {"template": {"metadata": {"labels": {"tier": "db"}}, "spec": {}}}}
	some violation in seg_id_001.deny with input as requests.create("Deployment", workload)
	violation.details.missing == ["owner"]
	violation.path == "spec.template.metadata.labels"
}

test_allowed_identity if {
	count(seg_id_001.deny) == 0 with input as labelled({"component": "api", "owner": "pay"})
}

test_exempt_owner_from_the_namespace if {
	count(seg_id_001.deny) == 0 with input as labelled({"component": "api"})
		with input.facts as {"namespace": {"labels": {"team": "pay"}}}
}

test_exempt_pod_of_a_controller if {
	pod := {"metadata": {"ownerReferences": [{"controller": true}]}, "spec": {}}
	count(seg_id_001.deny) == 0 with input as requests.create("Pod", pod)
}

test_malformed_labels_are_no_crash if {
	count(seg_id_001.deny) == 1 with input as labelled("x")
}
