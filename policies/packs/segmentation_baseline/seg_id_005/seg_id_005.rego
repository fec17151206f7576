# METADATA
# title: A service account of its own
# description: >-
#   A pod that runs as the service account `default`, which every other pod of the namespace shares.
# scope: package
# custom:
#   id: SEG-ID-005
#   severity: medium
#   action: warn
#   tier: Standard
#   ratchet: true
#   kinds: [/Pod, apps/Deployment, apps/StatefulSet, apps/DaemonSet, batch/Job, batch/CronJob]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     The service account is the identity that RBAC, meshes and many policies go by: two applications with one identity
#     cannot be told apart.
#   remediation: Create a service account for the application and name it in serviceAccountName.
package packs.segmentation_baseline.seg_id_005

import data.lib.pods

deny contains violation if {
	not pods.controlled
	is_object(pods.pod.spec)
	pods.service_account == "default"
	path := pods.path(["spec", "serviceAccountName"])
	violation := {
		"message": "the pod shares the service account default with the rest of its namespace",
		"path": path,
		"fix": sprintf("name a service account of the application in %s", [path]),
		"details": {"serviceAccount": "default"},
	}
}
