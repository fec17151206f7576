# METADATA
# title: No host path into the data plane
# description: >-
#   A hostPath volume at, below or above a folder of the network plugin, of the BPF file system, of the kubelet or of the
#   container runtime. Read-only mounts count: the tokens of all pods lie below the folder of the kubelet.
# scope: package
# custom:
#   id: SEG-OP-006
#   severity: critical
#   action: deny
#   tier: Standard
#   ratchet: true
#   kinds: [/Pod, /PodTemplate, /ReplicationController, apps/Deployment, apps/StatefulSet, apps/DaemonSet, apps/ReplicaSet, batch/Job, batch/CronJob]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     Whoever writes there edits the rules that isolate pods, or takes over the identity of another pod, without any
#     request that a webhook sees.
#   remediation: Mount less, or have the compliance team add an entry to params.allow.
package packs.segmentation_baseline.seg_op_006

import data.lib.pods

deny contains violation if {
	some index, volume in object.get(pods.pod, ["spec", "volumes"], [])
	host := normal(volume.hostPath.path)
	guarded := [folder | some folder in data.params.segmentation_baseline.seg_op_006.paths; touches(host, folder)]
	count(guarded) > 0
	path := pods.path(["spec", sprintf("volumes[%v]", [index]), "hostPath", "path"])
	violation := {
		"message": sprintf("volume %s mounts %s of the node, which reaches %s", [volume.name, host, guarded[0]]),
		"path": path,
		"fix": "remove the volume, or mount a folder that holds none of these",
		"details": {"hostPath": host, "images": pods.images},
	}
}

# Steps that name their own folder or the one above hide nothing: `..` is resolved by nobody here, and counts as the root.
normal(path) := "/" if ".." in split(path, "/")

normal(path) := concat("", ["/", concat("/", steps)]) if {
	not ".." in split(path, "/")
	steps := [step | some step in split(path, "/"); not step in {"", "."}]
}

touches(host, folder) if startswith(slash(host), slash(folder))

touches(host, folder) if startswith(slash(folder), slash(host))

slash(path) := path if endswith(path, "/")

slash(path) := concat("", [path, "/"]) if not endswith(path, "/")
