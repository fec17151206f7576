# METADATA
# title: Images come from approved registries
# description: A container whose image is of a registry that `params.registries` does not list.
# scope: package
# custom:
#   id: ACME-IM-001
#   severity: medium
#   action: warn
#   tier: Standard
#   ratchet: true
#   kinds: [/Pod, apps/Deployment, apps/StatefulSet, apps/DaemonSet, batch/Job, batch/CronJob]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: An image of a registry that nobody watches is code that nobody reviewed.
#   remediation: Mirror the image to an approved registry, and name it there.
package packs.acme_guardrails.acme_im_001

import data.lib.pods

deny contains violation if {
	some found in pods.containers
	registry := split(found.container.image, "/")[0]
	not registry in registries
	violation := {
		"message": sprintf("the image of container %v is not from an approved registry", [object.get(found.container, "name", "?")]),
		"path": pods.container_path(found, ["image"]),
		"fix": sprintf("use an image of %s", [concat(", ", registries)]),
		"details": {"container": object.get(found.container, "name", ""), "image": found.container.image},
	}
}

registries := data.params.acme_guardrails.acme_im_001.registries
