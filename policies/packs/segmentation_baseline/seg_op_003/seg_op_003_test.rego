package packs.segmentation_baseline.seg_op_003_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_op_003

adding(field, names) := requests.pod({field: [{
	"name": "c",
	"image": "i",
	"securityContext": {"capabilities": {"add": names}},
}]})

test_denied_in_each_list_of_containers if {
	some field in ["containers", "initContainers", "ephemeralContainers"]
	some violation in seg_op_003.deny with input as requests.create("Pod", adding(field, ["NET_ADMIN"]))
	violation.path == sprintf("spec.%s[0].securityContext.capabilities.add", [field])
}

test_denied_whatever_the_spelling if {
	every name in ["net_admin", "CAP_NET_RAW", "cap_bpf", "SYS_ADMIN", "ALL"] {
		count(seg_op_003.deny) == 1 with input as requests.create("Pod", adding("containers", [name]))
	}
}

test_denied_in_a_template if {
	workload := {"spec": {"template": adding("containers", ["NET_RAW"])}}
	some violation in seg_op_003.deny with input as requests.create("Deployment", workload)
	startswith(violation.path, "spec.template.spec.containers[0]")
	violation.details.capabilities == ["NET_RAW"]
}

test_allowed_other_capabilities if {
	count(seg_op_003.deny) == 0 with input as requests.create("Pod", adding("containers", ["NET_BIND_SERVICE"]))
	count(seg_op_003.deny) == 0 with input as requests.create("Pod", requests.pod({"containers": [{"name": "c"}]}))
}

test_warned_when_net_raw_must_be_dropped if {
	some violation in seg_op_003.deny with input as requests.create("Pod", requests.pod({"containers": [{"name": "c"}]}))
		with data.params.segmentation_baseline.seg_op_003.requireDropNetRaw as true
	violation.action == "warn"
}

test_exempt_dropped_net_raw if {
	dropped := requests.pod({"containers": [{"name": "c", "securityContext": {"capabilities": {"drop": ["ALL"]}}}]})
	count(seg_op_003.deny) == 0 with input as requests.create("Pod", dropped)
		with data.params.segmentation_baseline.seg_op_003.requireDropNetRaw as true
}

test_malformed_capabilities_are_no_crash if {
	count(seg_op_003.deny) == 0 with input as requests.create("Pod", adding("containers", [1, null]))
}
