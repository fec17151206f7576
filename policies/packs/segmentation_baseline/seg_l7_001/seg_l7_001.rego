# METADATA
# title: Mutual TLS is strict
# description: >-
#   A mesh that is told not to authenticate: PeerAuthentication with mode DISABLE for all or for a port, a DestinationRule
#   that disables TLS, a Linkerd inbound policy of `all-unauthenticated` or `cluster-unauthenticated`, Cilium
#   authentication that is disabled. In an enclave PERMISSIVE and UNSET count too.
# scope: package
# custom:
#   id: SEG-L7-001
#   severity: high
#   action: warn
#   enclaveAction: deny
#   tier: Standard
#   ratchet: true
#   kinds: [security.istio.io/PeerAuthentication, networking.istio.io/DestinationRule, policy.linkerd.io/Server, cilium.io/CiliumNetworkPolicy, /Pod, apps/Deployment, apps/StatefulSet, apps/DaemonSet, batch/Job, batch/CronJob, /Namespace]
#   operations: [CREATE, UPDATE]
#   facts: [enclave]
#   rationale: >-
#     Rules by identity hold only where the identity is proved: one port in the clear lets anybody speak in the name of
#     anybody.
#   remediation: Use mode STRICT, and an authenticated inbound policy.
package packs.segmentation_baseline.seg_l7_001

import data.lib.enclaves
import data.lib.pods

deny contains violation if {
	group == "security.istio.io"
	some found in modes
	weak(found.mode)
	violation := finding(found.path, found.mode, "use STRICT")
}

deny contains violation if {
	group == "networking.istio.io"
	some found in tls_settings
	found.mode == "DISABLE"
	violation := finding(found.path, found.mode, "use ISTIO_MUTUAL")
}

deny contains violation if {
	group == "policy.linkerd.io"
	policy := spec.accessPolicy
	policy in unauthenticated
	violation := finding("spec.accessPolicy", policy, "use all-authenticated, or deny")
}

deny contains violation if {
	annotations := object.get(pods.annotated, ["metadata", "annotations"], {})
	policy := annotations["config.linkerd.io/default-inbound-policy"]
	policy in unauthenticated
	path := pods.path(["metadata", `annotations["config.linkerd.io/default-inbound-policy"]`])
	violation := finding(path, policy, "use all-authenticated, or deny")
}

deny contains violation if {
	group == "cilium.io"
	some direction in ["ingress", "egress"]
	some index, rule in spec[direction]
	rule.authentication.mode == "disabled"
	violation := finding(sprintf("spec.%s[%v].authentication.mode", [direction, index]), "disabled", "use required")
}

group := object.get(input.review.request.kind, "group", "")

spec := input.review.request.object.spec

unauthenticated := {"all-unauthenticated", "cluster-unauthenticated"}

modes contains {"path": "spec.mtls.mode", "mode": object.get(spec, ["mtls", "mode"], "UNSET")} if is_object(spec)

modes contains {"path": sprintf("spec.portLevelMtls.%v.mode", [port]), "mode": object.get(setting, "mode", "UNSET")} if {
	some port, setting in spec.portLevelMtls
}

tls_settings contains {"path": "spec.trafficPolicy.tls.mode", "mode": spec.trafficPolicy.tls.mode}

tls_settings contains {"path": sprintf("spec.trafficPolicy.portLevelSettings[%v].tls.mode", [index]), "mode": setting.tls.mode} if {
	some index, setting in spec.trafficPolicy.portLevelSettings
}

weak("DISABLE")

weak(mode) if {
	enclaves.possible
	mode in {"PERMISSIVE", "UNSET"}
}

finding(path, value, fix) := {
	"message": sprintf("%s is %s: peers are not authenticated", [path, value]),
	"path": path,
	"fix": fix,
	"details": {"value": value},
}
