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

default root := []

root := roots[input.review.request.kind.kind]

pod := object.get(input.review.request.object, root, {}) if roots[input.review.request.kind.kind]

# METADATA
# description: A field of the pod as it is written in the object (`spec.template.spec.hostNetwork`).
path(steps) := concat(".", array.concat(root, steps))

labels := object.get(pod, ["metadata", "labels"], {})

# METADATA
# description: A field of one of the containers below (`spec.initContainers[0].securityContext.privileged`).
container_path(found, steps) := path(array.concat(["spec", sprintf("%s[%v]", [found.field, found.index])], steps))

# METADATA
# description: What carries the labels and annotations; a namespace carries its own.
annotated := object.get(input.review.request.object, object.get(roots, input.review.request.kind.kind, []), {})

images := sort({found.container.image | some found in containers})

service_account := account_of(pod)

account_of(some_pod) := "default" if object.get(some_pod, ["spec", "serviceAccountName"], "") == ""

account_of(some_pod) := some_pod.spec.serviceAccountName if object.get(some_pod, ["spec", "serviceAccountName"], "") != ""

# METADATA
# description: >-
#   Every container of the pod with its list and its index; init and ephemeral ones too. An array: a set would hash each of them
#   whole.
containers := [{"field": field, "index": index, "container": container} |
	some field in ["containers", "initContainers", "ephemeralContainers"]
	some index, container in object.get(pod, ["spec", field], [])
]

# METADATA
# description: Holds where a controller made the object, so that the same finding stands on its owner already.
controlled if {
	some owner in input.review.request.object.metadata.ownerReferences
	owner.controller == true
}
