# METADATA
# title: No token that nobody asked for
# description: >-
#   A pod that runs as the default service account and still gets its token. A service account of its own says that a
#   token is wanted.
# scope: package
# custom:
#   id: SEG-OP-007
#   severity: medium
#   action: warn
#   tier: Standard
#   ratchet: true
#   kinds: [/Pod, apps/Deployment, apps/StatefulSet, apps/DaemonSet, batch/Job, batch/CronJob]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     A mounted token is an identity that an intruder takes along; most pods never talk to the API server.
#   remediation: Set automountServiceAccountToken to false, or give the pod a service account of its own.
package packs.segmentation_baseline.seg_op_007

import data.lib.pods

deny contains violation if {
	not pods.controlled
	is_object(pods.pod.spec)
	not object.get(pods.pod.spec, "automountServiceAccountToken", true) == false
	pods.service_account == "default"
	path := pods.path(["spec", "automountServiceAccountToken"])
	violation := {
		"message": "the pod mounts a token of the default service account",
		"path": path,
		"fix": sprintf("set %s to false", [path]),
		"details": {"serviceAccount": "default"},
	}
}
