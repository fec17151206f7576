# METADATA
# title: No new process in an enclave
# description: >-
#   In an enclave: an ephemeral container that is added to a running pod, and exec or attach into one.
# scope: package
# custom:
#   id: SEG-OP-008
#   severity: high
#   action: deny
#   tier: Standard
#   ratchet: true
#   kinds: [/Pod, /PodExecOptions, /PodAttachOptions]
#   operations: [UPDATE, CONNECT]
#   facts: [enclave]
#   rationale: >-
#     A process started in a running pod has the identity and the open paths of that pod, and no review saw its image or
#     its command.
#   remediation: Debug a copy outside of the enclave, or have the compliance team add an entry to params.allow.
package packs.segmentation_baseline.seg_op_008

import data.lib.enclaves

deny contains violation if {
	enclaves.possible
	request.operation == "UPDATE"
	before := {container.name | some container in object.get(request.oldObject, ["spec", "ephemeralContainers"], [])}
	some index, container in object.get(request.object, ["spec", "ephemeralContainers"], [])
	not container.name in before
	violation := {
		"message": sprintf("ephemeral container %s would run in a pod of an enclave", [container.name]),
		"path": sprintf("spec.ephemeralContainers[%v]", [index]),
		"fix": "debug a copy of the pod outside of the enclave",
		"details": {"container": container.name, "image": object.get(container, "image", "")},
	}
}

deny contains violation if {
	enclaves.possible
	request.operation == "CONNECT"
	request.subResource in {"exec", "attach"}
	violation := {
		"message": sprintf("%s into pod %s of an enclave", [request.subResource, object.get(request, "name", "")]),
		"path": request.subResource,
		"fix": "debug a copy of the pod outside of the enclave",
		"details": {"command": object.get(request.object, "command", [])},
	}
}

request := input.review.request
