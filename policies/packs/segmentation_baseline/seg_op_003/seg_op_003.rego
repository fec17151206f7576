# METADATA
# title: No capability that rewrites the network
# description: >-
#   NET_ADMIN, NET_RAW, BPF and SYS_ADMIN let a container change routes, forge packets or load programs into the data plane.
#   Judges what `add` lists, in containers, init containers and ephemeral ones.
# scope: package
# custom:
#   id: SEG-OP-003
#   severity: critical
#   action: deny
#   tier: Standard
#   ratchet: true
#   kinds: [/Pod, /PodTemplate, /ReplicationController, apps/Deployment, apps/StatefulSet, apps/DaemonSet, apps/ReplicaSet, batch/Job, batch/CronJob]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     With these capabilities a process rewrites routes, forges senders or loads programs below the policies.
#   remediation: Remove the capability, or have the compliance team add an entry to params.allow.
package packs.segmentation_baseline.seg_op_003

import data.lib.pods

deny contains violation if {
	some found in pods.containers
	added := {normal(name) | some name in object.get(found.container, ["securityContext", "capabilities", "add"], [])}
	dangerous := sort(added & forbidden)
	count(dangerous) > 0
	path := field(found, ["capabilities", "add"])
	violation := {
		"message": sprintf("container %s adds %s", [found.container.name, concat(", ", dangerous)]),
		"path": path,
		"fix": sprintf("remove %s", [concat(", ", dangerous)]),
		"details": {
			"container": found.container.name,
			"image": object.get(found.container, "image", ""),
			"capabilities": sort(added),
		},
	}
}

deny contains violation if {
	data.params.segmentation_baseline.seg_op_003.requireDropNetRaw
	some found in pods.containers
	dropped := {normal(name) | some name in object.get(found.container, ["securityContext", "capabilities", "drop"], [])}
	count(dropped & {"NET_RAW", "ALL"}) == 0
	path := field(found, ["capabilities", "drop"])
	violation := {
		"message": sprintf("container %s keeps NET_RAW, which runtimes grant by default", [found.container.name]),
		"path": path,
		"fix": sprintf("add NET_RAW to %s", [path]),
		"details": {"container": found.container.name},
		"action": "warn",
	}
}

forbidden := {"NET_ADMIN", "NET_RAW", "BPF", "SYS_ADMIN", "ALL"}

# Runtimes fold case and accept the kernel's own prefix.
normal(name) := trim_prefix(upper(name), "CAP_")

field(found, steps) := pods.path(array.concat(["spec", sprintf("%s[%v]", [found.field, found.index]), "securityContext"], steps))
