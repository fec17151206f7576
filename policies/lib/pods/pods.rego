# METADATA
# title: The pod that a workload makes
# description: One view of a Pod and of every pod template, with the path that a person would write.
# scope: package
package lib.pods

# Where the pod stands in each kind (core/v1, apps/v1, batch/v1).
roots := {
	"Pod": [],
	"PodTemplate": ["template"],
	"ReplicationController": ["spec", "template"],
	"Deployment": ["spec", "template"],
	"StatefulSet": ["spec", "template"],
	"DaemonSet": ["spec", "template"],
	"ReplicaSet": ["spec", "template"],
	"Job": ["spec", "template"],
	"CronJob": ["spec", "jobTemplate", "spec", "template"],
}

root := roots[input.review.request.kind.kind]

pod := object.get(input.review.request.object, root, {})

# METADATA
# description: A field of the pod as it is written in the object (`spec.template.spec.hostNetwork`).
path(steps) := concat(".", array.concat(root, steps))

labels := object.get(pod, ["metadata", "labels"], {})

# METADATA
# description: Every container of the pod with its list and its index; init and ephemeral ones too.
containers contains {"field": field, "index": index, "container": container} if {
	some field in ["containers", "initContainers", "ephemeralContainers"]
	some index, container in object.get(pod, ["spec", field], [])
}

# METADATA
# description: Holds where a controller made the object, so that the same finding stands on its owner already.
controlled if {
	some owner in input.review.request.object.metadata.ownerReferences
	owner.controller == true
}
