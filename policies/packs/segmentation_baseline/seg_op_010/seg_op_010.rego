# METADATA
# title: Names resolve where policies think they do
# description: >-
#   hostAliases, resolvers of their own (dnsPolicy None, dnsConfig.nameservers) in a pod, and a change of the
#   configuration of the cluster resolver.
# scope: package
# custom:
#   id: SEG-OP-010
#   severity: medium
#   action: warn
#   tier: Standard
#   ratchet: true
#   kinds: [/Pod, apps/Deployment, apps/StatefulSet, apps/DaemonSet, batch/Job, batch/CronJob, /ConfigMap]
#   auditKinds: [/Pod, apps/Deployment, apps/StatefulSet, apps/DaemonSet, batch/Job, batch/CronJob]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: >-
#     Rules by name (FQDN policies, certificates, allow lists of proxies) trust the resolver; who redirects a name
#     redirects the traffic.
#   remediation: Use the resolver of the cluster; have the platform team change its configuration.
package packs.segmentation_baseline.seg_op_010

import data.lib.objects
import data.lib.pods

deny contains violation if {
	not pods.controlled
	some field in ["hostAliases", "dnsConfig"]
	value := redirecting(field, pods.pod.spec[field])
	path := pods.path(["spec", field])
	violation := {
		"message": sprintf("%s makes names resolve elsewhere than in the rest of the cluster", [path]),
		"path": path,
		"fix": sprintf("remove %s, or its addresses", [path]),
		"details": {"value": value},
	}
}

deny contains violation if {
	request.kind.kind == "ConfigMap"
	some resolver in input.facts.resolverConfigurations
	resolver == sprintf("%s/%s", [request.namespace, objects.name])
	object.get(request.object, "data", {}) != object.get(request.oldObject, "data", {})
	violation := {
		"message": sprintf("the configuration of the cluster resolver (%s) changes for every pod", [resolver]),
		"path": "data",
		"fix": "have the platform team look at the change",
		"details": {"data": object.get(request.object, "data", {})},
	}
}

request := input.review.request

redirecting("hostAliases", aliases) := aliases if count(aliases) > 0

redirecting("dnsConfig", config) := config if count(config.nameservers) > 0
