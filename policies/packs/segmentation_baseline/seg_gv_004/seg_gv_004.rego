# METADATA
# title: Policies of an enclave come from Git
# description: >-
#   In an enclave, once `params.users` or `params.groups` list the GitOps identities: a network policy that anybody else
#   writes or deletes, and, where `params.commitAnnotation` names one, a policy without the commit it comes from.
# scope: package
# custom:
#   id: SEG-GV-004
#   severity: high
#   action: deny
#   tier: Standard
#   ratchet: false
#   ratchetReason: what is judged here is who makes the change
#   kinds: [networking.k8s.io/NetworkPolicy, crd.projectcalico.org/NetworkPolicy, crd.projectcalico.org/NetworkSet, projectcalico.org/NetworkPolicy, projectcalico.org/NetworkSet, cilium.io/CiliumNetworkPolicy, security.istio.io/AuthorizationPolicy, security.istio.io/PeerAuthentication, policy.linkerd.io/Server, policy.linkerd.io/ServerAuthorization, policy.linkerd.io/AuthorizationPolicy, policy.linkerd.io/MeshTLSAuthentication, policy.linkerd.io/NetworkAuthentication]
#   operations: [CREATE, UPDATE, DELETE]
#   facts: [enclave, user]
#   rationale: >-
#     What came through a review can be explained years later; a policy that was edited by hand has no author but a log
#     line.
#   remediation: Change the policy in the repository.
package packs.segmentation_baseline.seg_gv_004

import data.lib.enclaves
import data.lib.users

deny contains violation if {
	enclaves.possible
	users.configured(settings)
	not users.listed(settings)
	not users.cleaning_up
	violation := {
		"message": sprintf("policies of this enclave come from Git, and %s is not its identity", [users.name]),
		"path": "metadata.name",
		"fix": "change the policy in the repository",
		"details": {"user": users.name},
	}
}

deny contains violation if {
	enclaves.possible
	users.listed(settings)
	settings.commitAnnotation != ""
	is_object(input.review.request.object)
	object.get(input.review.request.object, ["metadata", "annotations", settings.commitAnnotation], "") == ""
	path := sprintf(`metadata.annotations["%s"]`, [settings.commitAnnotation])
	violation := {
		"message": "the policy does not name the commit that it comes from",
		"path": path,
		"fix": sprintf("set %s", [path]),
		"details": {"annotation": settings.commitAnnotation},
	}
}

settings := data.params.segmentation_baseline.seg_gv_004
