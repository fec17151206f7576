# METADATA
# title: No way round the mesh
# description: >-
#   Where the mesh is required (a namespace that asks for injection, or an enclave): a pod or a namespace that switches
#   injection off, and ports or addresses that skip the proxy.
# scope: package
# custom:
#   id: SEG-L7-004
#   severity: high
#   action: warn
#   enclaveAction: deny
#   tier: Standard
#   ratchet: true
#   kinds: [/Pod, apps/Deployment, apps/StatefulSet, apps/DaemonSet, batch/Job, batch/CronJob, /Namespace]
#   operations: [CREATE, UPDATE]
#   facts: [namespace, enclave]
#   rationale: >-
#     Traffic that skips the proxy has no proved identity, and the authorization policies of the mesh never see it.
#   remediation: Remove the annotation, or have the compliance team add an entry to params.allow.
package packs.segmentation_baseline.seg_l7_004

import data.lib.enclaves
import data.lib.pods

deny contains violation if {
	required
	not pods.controlled
	some source in ["labels", "annotations"]
	some key, values in off
	value := pods.annotated.metadata[source][key]
	value in values
	path := pods.path(["metadata", sprintf(`%s["%s"]`, [source, key])])
	violation := finding(path, key, value, "is kept out of the mesh")
}

deny contains violation if {
	required
	not pods.controlled
	some key in around
	value := pods.annotated.metadata.annotations[key]
	value != ""
	path := pods.path(["metadata", sprintf(`annotations["%s"]`, [key])])
	violation := finding(path, key, value, "lets traffic skip the proxy")
}

off := {
	"sidecar.istio.io/inject": ["false"],
	"istio-injection": ["disabled"],
	"istio.io/dataplane-mode": ["none"],
	"linkerd.io/inject": ["disabled"],
}

around := [
	"traffic.sidecar.istio.io/excludeOutboundPorts",
	"traffic.sidecar.istio.io/excludeInboundPorts",
	"traffic.sidecar.istio.io/excludeOutboundIPRanges",
	"traffic.sidecar.istio.io/excludeInterfaces",
	"config.linkerd.io/skip-outbound-ports",
	"config.linkerd.io/skip-inbound-ports",
	"config.linkerd.io/skip-subnets",
]

required if enclaves.possible

required if namespace_labels["istio-injection"] == "enabled"

required if namespace_labels["istio.io/dataplane-mode"] == "ambient"

required if namespace_labels["istio.io/rev"]

# Whether an unknown namespace asks for a mesh is not known either.
required if {
	input.review.request.kind.kind != "Namespace"
	not input.facts.namespace
}

namespace_labels := object.get(input.facts, ["namespace", "labels"], {})

finding(path, key, value, what) := {
	"message": sprintf("%s: %s %s", [key, value, what]),
	"path": path,
	"fix": sprintf("remove %s", [path]),
	"details": {"key": key, "value": value, "images": pods.images},
}
