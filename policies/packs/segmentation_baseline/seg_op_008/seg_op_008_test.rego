package packs.segmentation_baseline.seg_op_008_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_op_008

adding(containers) := object.union(
	requests.update("Pod", requests.pod({}), requests.pod({"ephemeralContainers": containers})),
	{"facts": {"enclave": true}},
)

connecting(sub_resource) := {
	"facts": {"enclave": true},
	"review": {"request": {
		"operation": "CONNECT",
		"kind": {"kind": "PodExecOptions"},
		"name": "web",
		"subResource": sub_resource,
		"object": {"command": ["sh"]},
	}},
}

test_denied_ephemeral_container if {
	some violation in seg_op_008.deny with input as adding([{"name": "debug", "image": "i"}])
	violation.path == "spec.ephemeralContainers[0]"
}

test_denied_exec_and_attach if {
	every sub_resource in ["exec", "attach"] {
		count(seg_op_008.deny) == 1 with input as connecting(sub_resource)
	}
}

test_allowed_port_forward if {
	count(seg_op_008.deny) == 0 with input as connecting("portforward")
}

test_exempt_outside_of_enclaves if {
	count(seg_op_008.deny) == 0 with input as object.union(connecting("exec"), {"facts": {"enclave": false}})
	count(seg_op_008.deny) == 0 with input as object.union(adding([{"name": "debug"}]), {"facts": {"enclave": false}})
}

test_malformed_containers_are_no_crash if {
	count(seg_op_008.deny) == 0 with input as adding(["x", 7])
}
