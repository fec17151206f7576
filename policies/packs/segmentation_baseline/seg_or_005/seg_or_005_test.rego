package packs.segmentation_baseline.seg_or_005_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_or_005

labelled(labels) := {"metadata": {"name": "web", "labels": labels}}

held := {"firebreak.dev/quarantine": "yes"}

test_warned_set_and_lifted if {
	some violation in seg_or_005.deny with input as requests.update("Pod", labelled(held), labelled({}))
	violation.path == `metadata.labels["firebreak.dev/quarantine"]`
	violation.action == "warn"
	count(seg_or_005.deny) == 1 with input as requests.create("Namespace", labelled(held))
	count(seg_or_005.deny) == 1 with input as requests.create("Deployment", {"spec": {"template": labelled(held)}})
}

test_denied_once_others_are_listed if {
	some violation in seg_or_005.deny with input as requests.update("Pod", labelled(held), labelled({}))
		with data.params.segmentation_baseline.seg_or_005 as {"users": [], "groups": ["incident-response"]}
	violation.action == "deny"
}

test_allowed_unchanged if {
	count(seg_or_005.deny) == 0 with input as requests.update("Pod", labelled(held), labelled(held))
	count(seg_or_005.deny) == 0 with input as requests.create("Pod", labelled({}))
}

test_exempt_listed_identity if {
	count(seg_or_005.deny) == 0 with input as requests.create("Pod", labelled(held))
		with data.params.segmentation_baseline.seg_or_005 as {"users": ["alice"], "groups": []}
}

test_malformed_labels_are_no_crash if {
	count(seg_or_005.deny) == 0 with input as requests.create("Pod", {"metadata": 7})
}
