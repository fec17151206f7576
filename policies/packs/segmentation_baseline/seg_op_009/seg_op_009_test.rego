package packs.segmentation_baseline.seg_op_009_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_op_009

tolerating(toleration) := requests.deployment({"tolerations": [toleration]})

test_warned_node_name if {
	some violation in seg_op_009.deny with input as requests.create("Pod", requests.pod({"nodeName": "n1"}))
	violation.path == "spec.nodeName"
	count(seg_op_009.deny) == 1 with input as requests.create("Deployment", requests.deployment({"nodeName": "n1"}))
}

test_warned_tolerations if {
	every toleration in [{"operator": "Exists"}, {"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}] {
		some violation in seg_op_009.deny with input as requests.create("Deployment", tolerating(toleration))
		violation.path == "spec.template.spec.tolerations[0]"
	}
}

test_allowed_own_pool if {
	count(seg_op_009.deny) == 0 with input as requests.create("Deployment", tolerating({"key": "pool", "value": "shop"}))
}

test_exempt_added_by_the_system if {
	added := {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "tolerationSeconds": 300}
	count(seg_op_009.deny) == 0 with input as requests.create("Deployment", tolerating(added))
	count(seg_op_009.deny) == 0 with input as requests.update("Pod", requests.pod({}), requests.pod({"nodeName": "n1"}))
}

test_malformed_tolerations_are_no_crash if {
	count(seg_op_009.deny) == 0 with input as requests.create("Deployment", tolerating("x"))
}
