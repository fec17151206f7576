package packs.segmentation_baseline.seg_ex_001_test

import data.lib.requests
import data.packs.segmentation_baseline.seg_ex_001

balancer(spec, annotations) := requests.create("Service", {
	"metadata": {"annotations": annotations},
	"spec": object.union({"type": "LoadBalancer"}, spec),
})

test_warned_open_to_the_world if {
	some violation in seg_ex_001.deny with input as balancer({}, {})
	violation.action == "warn"
	some other in seg_ex_001.deny with input as balancer({"loadBalancerSourceRanges": ["0.0.0.0/0"]}, {})
	other.path == "spec.loadBalancerSourceRanges[0]"
}

test_denied_outside_of_the_list if {
	some violation in seg_ex_001.deny with input as balancer({"loadBalancerSourceRanges": ["192.0.2.0/24"]}, {})
		with data.params.segmentation_baseline.seg_ex_001.namespaces as ["edge"]
	not violation.action
}

test_allowed_narrow_ranges if {
	count(seg_ex_001.deny) == 0 with input as balancer({"loadBalancerSourceRanges": ["192.0.2.0/24"]}, {})
	count(seg_ex_001.deny) == 0 with input as requests.create("Service", {"spec": {"type": "ClusterIP"}})
}

test_exempt_internal if {
	count(seg_ex_001.deny) == 0 with input as balancer({}, {"networking.gke.io/load-balancer-type": "Internal"})
	count(seg_ex_001.deny) == 0 with input as balancer({"loadBalancerClass": "private"}, {})
		with data.params.segmentation_baseline.seg_ex_001.internalClasses as ["private"]
}

test_malformed_ranges_are_no_crash if {
	count(seg_ex_001.deny) == 0 with input as balancer({"loadBalancerSourceRanges": [7]}, {})
}
