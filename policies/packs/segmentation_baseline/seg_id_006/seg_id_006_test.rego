package packs.segmentation_baseline.seg_id_006_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_id_006

running_as(account) := requests.deployment({"serviceAccountName": account})

swap := requests.update("Deployment", running_as("web"), running_as("admin"))

test_warned_swap if {
	some violation in seg_id_006.deny with input as swap
	violation.path == "spec.template.spec.serviceAccountName"
	violation.action == "warn"
}

test_denied_once_others_are_listed if {
	some violation in seg_id_006.deny with input as swap
		with data.params.segmentation_baseline.seg_id_006 as {"users": ["bob"], "groups": []}
	violation.action == "deny"
}

test_allowed_same_account if {
	count(seg_id_006.deny) == 0 with input as requests.update("Deployment", running_as("default"), requests.deployment({}))
}

test_exempt_listed_identity if {
	count(seg_id_006.deny) == 0 with input as swap
		with data.params.segmentation_baseline.seg_id_006 as {"users": ["alice"], "groups": []}
}

test_malformed_workload_is_no_crash if {
	count(seg_id_006.deny) == 0 with input as requests.update("Deployment", {"spec": "x"}, {"spec": 7})
}
