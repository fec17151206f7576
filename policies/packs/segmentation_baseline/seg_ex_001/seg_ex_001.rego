# METADATA
# title: A load balancer is meant, and narrow
# description: >-
#   A Service of type LoadBalancer that is neither internal nor limited by loadBalancerSourceRanges, or whose ranges are
#   the world. It warns; once `params.namespaces` lists where load balancers may stand, any other namespace is refused.
# scope: package
# custom:
#   id: SEG-EX-001
#   severity: high
#   action: deny
#   tier: Standard
#   ratchet: true
#   kinds: [/Service]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     A load balancer puts a pod on the internet past every ingress gateway, its TLS and its log.
#   remediation: Set loadBalancerSourceRanges, use an internal load balancer, or an Ingress.
package packs.segmentation_baseline.seg_ex_001

deny contains violation if {
	spec.type == "LoadBalancer"
	count(settings.namespaces) > 0
	not input.review.request.namespace in settings.namespaces
	violation := {
		"message": sprintf("load balancers may not stand in namespace %s", [input.review.request.namespace]),
		"path": "spec.type",
		"fix": "use an Ingress, or have the compliance team list the namespace",
		"details": {"type": "LoadBalancer"},
	}
}

deny contains violation if {
	spec.type == "LoadBalancer"
	not stays_inside
	count(ranges) == 0
	violation := {
		"message": "the load balancer takes connections from every address",
		"path": "spec.loadBalancerSourceRanges",
		"fix": "list the source ranges, or make the load balancer internal",
		"details": {"ranges": []},
		"action": "warn",
	}
}

deny contains violation if {
	spec.type == "LoadBalancer"
	not stays_inside
	some index, range in ranges
	endswith(trim_space(range), "/0")
	violation := {
		"message": sprintf("the source range %s is the whole world", [range]),
		"path": sprintf("spec.loadBalancerSourceRanges[%v]", [index]),
		"fix": "list the ranges that you mean",
		"details": {"range": range},
		"action": "warn",
	}
}

settings := data.params.segmentation_baseline.seg_ex_001

spec := input.review.request.object.spec

ranges := object.get(spec, "loadBalancerSourceRanges", [])

stays_inside if spec.loadBalancerClass in settings.internalClasses

stays_inside if {
	some key, values in settings.internalAnnotations
	lower(input.review.request.object.metadata.annotations[key]) in values
}
