/** Kinds of other projects, as group, versions, scope and plural: enough for an API server to store and to review them. */
const foreign: readonly (readonly [group: string, versions: readonly string[], scope: "Namespaced" | "Cluster", kinds: Readonly<Record<string, string>>])[] = [
  [
    "crd.projectcalico.org",
    ["v1"],
    "Cluster",
    { Tier: "tiers", GlobalNetworkPolicy: "globalnetworkpolicies", HostEndpoint: "hostendpoints", FelixConfiguration: "felixconfigurations" },
  ],
  ["crd.projectcalico.org", ["v1"], "Namespaced", { NetworkPolicy: "networkpolicies", NetworkSet: "networksets" }],
  ["cilium.io", ["v2"], "Namespaced", { CiliumNetworkPolicy: "ciliumnetworkpolicies" }],
  ["cilium.io", ["v2"], "Cluster", { CiliumClusterwideNetworkPolicy: "ciliumclusterwidenetworkpolicies" }],
  ["security.istio.io", ["v1", "v1beta1"], "Namespaced", { PeerAuthentication: "peerauthentications", AuthorizationPolicy: "authorizationpolicies" }],
  ["networking.istio.io", ["v1", "v1beta1", "v1alpha3"], "Namespaced", { DestinationRule: "destinationrules" }],
  ["policy.linkerd.io", ["v1beta3", "v1beta1"], "Namespaced", { Server: "servers" }],
  ["policy.linkerd.io", ["v1beta1"], "Namespaced", { ServerAuthorization: "serverauthorizations" }],
  [
    "policy.linkerd.io",
    ["v1alpha1"],
    "Namespaced",
    { AuthorizationPolicy: "authorizationpolicies", MeshTLSAuthentication: "meshtlsauthentications", NetworkAuthentication: "networkauthentications" },
  ],
  ["gateway.networking.k8s.io", ["v1"], "Namespaced", { Gateway: "gateways", HTTPRoute: "httproutes" }],
  ["kubevirt.io", ["v1"], "Namespaced", { VirtualMachine: "virtualmachines", VirtualMachineInstance: "virtualmachineinstances" }],
  ["policy.networking.k8s.io", ["v1alpha2"], "Cluster", { ClusterNetworkPolicy: "clusternetworkpolicies" }],
];

/** CustomResourceDefinitions of other projects' kinds, without their schemas. */
export const minimalCrds: readonly object[] = foreign.flatMap(([group, versions, scope, kinds]) =>
  Object.entries(kinds).map(([kind, plural]) => ({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}`, annotations: { "api-approved.kubernetes.io": "unapproved, for tests" } },
    spec: {
      group,
      scope,
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: versions.map((name, index) => ({
        name,
        served: true,
        storage: index === 0,
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      })),
    },
  })),
);
