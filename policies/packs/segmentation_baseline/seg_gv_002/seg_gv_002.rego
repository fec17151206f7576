# METADATA
# title: A policy is looked at again
# description: >-
#   Where a policy names the day of its review in the annotation that `params.annotation` names, it is at most
#   `params.maxDays` away; from `params.warnDays` before it on, and for every edit after it, that is told. In an enclave a
#   policy must name one.
# scope: package
# custom:
#   id: SEG-GV-002
#   severity: medium
#   action: warn
#   enclaveAction: deny
#   tier: Standard
#   ratchet: true
#   kinds: [networking.k8s.io/NetworkPolicy, policy.networking.k8s.io/ClusterNetworkPolicy, policy.networking.k8s.io/AdminNetworkPolicy, policy.networking.k8s.io/BaselineAdminNetworkPolicy]
#   operations: [CREATE, UPDATE]
#   facts: [enclave]
#   rationale: >-
#     Rules that are never looked at again only ever grow.
#   remediation: Look at the policy, and set the date of the next review.
package packs.segmentation_baseline.seg_gv_002

import data.lib.dates
import data.lib.enclaves
import data.lib.policies

deny contains violation if {
	not policies.reserved
	how := amiss
	violation := {
		"message": how,
		"path": sprintf(`metadata.annotations["%s"]`, [settings.annotation]),
		"fix": sprintf("look at the policy and set a day within %d days", [settings.maxDays]),
		"details": {"reviewBy": value},
	}
}

settings := data.params.segmentation_baseline.seg_gv_002

value := object.get(input.review.request.object, ["metadata", "annotations", settings.annotation], "")

# Asked for only where there is a date: most policies have none.
left := dates.days(value) - dates.today if value != ""

amiss := "the policy names no day of its review" if {
	value == ""
	input.review.request.namespace != ""
	enclaves.possible
}

amiss := sprintf("%s is no date", [value]) if {
	value != ""
	not dates.days(value)
}

amiss := sprintf("the review of this policy was due on %s", [value]) if left < 0

amiss := sprintf("the review of this policy is due on %s", [value]) if {
	left >= 0
	left < settings.warnDays
}

amiss := sprintf("the review of this policy is %d days away", [left]) if left > settings.maxDays
