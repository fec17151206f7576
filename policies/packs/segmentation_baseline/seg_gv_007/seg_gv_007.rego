# METADATA
# title: Flow contracts are looked at in time
# description: >-
#   A FlowContract whose review is overdue carries nothing any more: what it carried is a crossing again wherever it is
#   touched. Found by the scan.
# scope: package
# custom:
#   id: SEG-GV-007
#   severity: medium
#   action: warn
#   tier: Standard
#   ratchet: true
#   kinds: [firebreak.dev/FlowContract]
#   operations: [CREATE]
#   facts: []
#   rationale: >-
#     A declared flow that nobody confirms is a flow that nobody declared.
#   remediation: Review the flow, set the next date, and have both sides approve.
package packs.segmentation_baseline.seg_gv_007

import data.lib.dates

deny contains violation if {
	spec := input.review.request.object.spec
	due := dates.days(spec.reviewBy)
	due <= dates.today
	violation := {
		"message": sprintf("the contract from %s to %s was to be reviewed by %s", [spec.from, spec.to, substring(spec.reviewBy, 0, 10)]),
		"path": "spec.reviewBy",
		"fix": "review the flow, set the next date, and have both sides approve",
		"details": {"reviewBy": spec.reviewBy},
	}
}
