import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicyRule, NetworkPolicySpec } from "../model/kubernetes.ts";
import { sameJson } from "./same-json.ts";

/**
 * Whether two NetworkPolicies mean the same, however they are written: the API server fills in `policyTypes` and
 * protocols and drops empty lists, so text is never compared (networking/v1 SetDefaults_NetworkPolicy).
 */
export function samePolicy(one: NetworkPolicy, two: NetworkPolicy): boolean {
  return sameJson(meaningOf(one.spec), meaningOf(two.spec));
}

function meaningOf(spec: NetworkPolicySpec | undefined) {
  const types = new Set(spec?.policyTypes ?? []);
  if (types.size === 0) {
    types.add("Ingress");
    if ((spec?.egress?.length ?? 0) > 0) types.add("Egress");
  }
  return {
    podSelector: selectorMeaning(spec?.podSelector),
    ingress: types.has("Ingress") ? sorted((spec?.ingress ?? []).map(ruleMeaning)) : undefined,
    egress: types.has("Egress") ? sorted((spec?.egress ?? []).map(ruleMeaning)) : undefined,
  };
}

function ruleMeaning(rule: NetworkPolicyRule) {
  return {
    peers: sorted((rule.from ?? rule.to ?? []).map(peerMeaning)),
    ports: sorted((rule.ports ?? []).map(portMeaning)),
  };
}

function peerMeaning(peer: NetworkPolicyPeer) {
  return {
    podSelector: peer.podSelector && selectorMeaning(peer.podSelector),
    namespaceSelector: peer.namespaceSelector && selectorMeaning(peer.namespaceSelector),
    ipBlock: peer.ipBlock && { cidr: peer.ipBlock.cidr, except: [...(peer.ipBlock.except ?? [])].sort() },
  };
}

function portMeaning(port: NetworkPolicyPort) {
  return { protocol: port.protocol ?? "TCP", port: port.port, endPort: port.endPort };
}

function selectorMeaning(selector: NetworkPolicySpec["podSelector"]) {
  return {
    labels: { ...selector?.matchLabels },
    expressions: sorted((selector?.matchExpressions ?? []).map((term) => ({ ...term, values: [...(term.values ?? [])].sort() }))),
  };
}

/** Rules, peers, ports and requirements are sets: their order carries no meaning. */
function sorted<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, key: JSON.stringify(item) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ item }) => item);
}
