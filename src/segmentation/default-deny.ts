import type { Allowances } from "../model/isolation-profile.ts";
import type { Labels, NetworkPolicy, NetworkPolicyPort, NetworkPolicyRule } from "../model/kubernetes.ts";

/** The reserved name of the policy that isolates a namespace. Only Firebreak's ServiceAccount writes it. */
export const defaultDenyName = "firebreak-default-deny";

/** The beginning of the names of the policies that let the API server reach webhooks in an isolated namespace. */
export const apiServerIngressPrefix = "firebreak-apiserver-ingress-";

/** What the allowances are made of, as it stands in the cluster now. */
export interface NetworkLandmarks {
  /** The pods behind the cluster's DNS Service, and their ports (target ports: policies judge after DNAT). */
  readonly resolver: { readonly namespace: string; readonly podSelector: Labels; readonly ports: readonly NetworkPolicyPort[] };
  /** Addresses of the node-local DNS cache, empty where none runs. */
  readonly nodeLocalResolver: readonly string[];
  /** The endpoints of `default/kubernetes`. */
  readonly apiServer: { readonly addresses: readonly string[]; readonly ports: readonly NetworkPolicyPort[] };
  /** The pods of this cluster that the API server itself calls. */
  readonly apiServerTargets: readonly ApiServerTarget[];
}

/** Pods that back a webhook, a conversion webhook or an APIService. */
export interface ApiServerTarget {
  readonly namespace: string;
  readonly service: string;
  readonly podSelector: Labels;
  readonly ports: readonly NetworkPolicyPort[];
}

/** A policy that Firebreak keeps in a namespace. */
export interface OwnPolicy extends NetworkPolicy {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly labels: Labels; readonly annotations: Labels };
}

/** Whether a NetworkPolicy name is one that only Firebreak writes. */
export function isReservedPolicyName(name: string): boolean {
  return name === defaultDenyName || name.startsWith(apiServerIngressPrefix);
}

/**
 * The policy that isolates every pod of a namespace in both directions, less the allowances of its profile.
 * `policyTypes` is written out: an egress list that is empty would otherwise isolate ingress only (networking/v1 defaults).
 */
export function defaultDeny(namespace: string, allowances: Allowances, landmarks: NetworkLandmarks): OwnPolicy {
  return ownPolicy(namespace, defaultDenyName, "Isolates this namespace; kept by Firebreak. Add NetworkPolicies of your own to open what you need.", {
    podSelector: {},
    policyTypes: ["Ingress", "Egress"],
    ingress: ingressRules(allowances),
    egress: egressRules(allowances, landmarks),
  });
}

/**
 * The policies that open, to the API server, exactly the pods and ports of this namespace that back a webhook or an
 * APIService. Their source is left open: the address that the API server calls from (a node, a tunnel's agent, a managed
 * control plane) cannot be read from the cluster, and a webhook that cannot be called blocks writes everywhere.
 */
export function apiServerIngress(namespace: string, allowances: Allowances, landmarks: NetworkLandmarks): OwnPolicy[] {
  if (!allowances.apiServerIngress) return [];
  return landmarks.apiServerTargets
    .filter((target) => target.namespace === namespace && Object.keys(target.podSelector).length > 0)
    .map((target) =>
      ownPolicy(
        namespace,
        `${apiServerIngressPrefix}${target.service}`,
        `Lets the API server call the Service ${target.service}, which backs a webhook or an APIService.`,
        {
          podSelector: { matchLabels: target.podSelector },
          policyTypes: ["Ingress"],
          ingress: [{ ports: target.ports }],
        },
      ),
    );
}

function ownPolicy(namespace: string, name: string, purpose: string, spec: NonNullable<NetworkPolicy["spec"]>): OwnPolicy {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: {
      name,
      namespace,
      labels: { "app.kubernetes.io/managed-by": "firebreak" },
      annotations: { "firebreak.dev/purpose": purpose },
    },
    spec,
  };
}

function ingressRules(allowances: Allowances): NetworkPolicyRule[] {
  const named = [...allowances.metricsFrom, ...allowances.ingressFrom];
  return [
    ...(allowances.sameNamespace ? [{ from: [{ podSelector: {} }] }] : []),
    ...(named.length > 0 ? [{ from: [{ namespaceSelector: namespacesNamed(named) }] }] : []),
  ];
}

function egressRules(allowances: Allowances, landmarks: NetworkLandmarks): NetworkPolicyRule[] {
  const { resolver, nodeLocalResolver, apiServer } = landmarks;
  const rules: NetworkPolicyRule[] = [];
  if (allowances.dns) {
    rules.push({
      to: [{ namespaceSelector: namespacesNamed([resolver.namespace]), podSelector: { matchLabels: resolver.podSelector } }],
      ports: resolver.ports,
    });
    if (nodeLocalResolver.length > 0) rules.push({ to: nodeLocalResolver.map(hostBlock), ports: dnsPorts });
  }
  if (allowances.apiServer && apiServer.addresses.length > 0) {
    rules.push({ to: apiServer.addresses.map(hostBlock), ports: apiServer.ports });
  }
  if (allowances.sameNamespace) rules.push({ to: [{ podSelector: {} }] });
  return rules;
}

export const dnsPorts: readonly NetworkPolicyPort[] = [
  { protocol: "UDP", port: 53 },
  { protocol: "TCP", port: 53 },
];

/** The API server itself sets `kubernetes.io/metadata.name`: no tenant can claim it. */
function namespacesNamed(names: readonly string[]) {
  const values = [...new Set(names)].sort();
  return { matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values }] };
}

function hostBlock(address: string) {
  return { ipBlock: { cidr: address.includes(":") ? `${address}/128` : `${address}/32` } };
}
