# METADATA
# title: A policy says why it is there
# description: >-
#   In an enclave, and everywhere once `params.everywhere` is set, a policy that allows something names its owner, a
#   ticket and a reason in the annotations that `params.annotations` lists.
# scope: package
# custom:
#   id: SEG-GV-001
#   severity: medium
#   action: warn
#   enclaveAction: deny
#   tier: Standard
#   ratchet: true
#   kinds: [networking.k8s.io/NetworkPolicy, policy.networking.k8s.io/ClusterNetworkPolicy, policy.networking.k8s.io/AdminNetworkPolicy, policy.networking.k8s.io/BaselineAdminNetworkPolicy]
#   operations: [CREATE, UPDATE]
#   facts: [enclave]
#   rationale: >-
#     An opening whose reason nobody remembers is never closed.
#   remediation: Add the annotations.
package packs.segmentation_baseline.seg_gv_001

import data.lib.enclaves
import data.lib.policies

deny contains violation if {
	asked
	not policies.reserved
	allows
	missing := [key | some key in settings.annotations; object.get(input.review.request.object, ["metadata", "annotations", key], "") == ""]
	count(missing) > 0
	violation := {
		"message": sprintf("the policy opens something and does not say %s", [concat(", ", missing)]),
		"path": "metadata.annotations",
		"fix": sprintf("add the annotations %s", [concat(", ", missing)]),
		"details": {"missing": missing},
	}
}

settings := data.params.segmentation_baseline.seg_gv_001

asked if settings.everywhere

asked if {
	input.review.request.namespace != ""
	enclaves.possible
}

allows if {
	some direction in ["ingress", "egress"]
	some rule in object.get(input.review.request.object, ["spec", direction], [])
	object.get(rule, "action", "Allow") in {"Allow", "Accept"}
}
