import type { Direction } from "../../../model/facts.ts";
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicyRule, NetworkPolicySpec } from "../../../model/kubernetes.ts";
import { addressesOf, everyAddress } from "../../addresses.ts";
import { type Peer, type Policy, type PortMatch, type Rule, tiers } from "../../policy.ts";
import { isProtocol, portsOf } from "../../port-set.ts";
import { listOf } from "../list-of.ts";

/** NetworkPolicy of networking.k8s.io/v1. Source: k8s.io/api/networking/v1/types.go and the defaults of the API server. */
export function compileNetworkPolicy({ metadata, spec }: NetworkPolicy): Policy {
  const types = policyTypes(spec);
  return {
    reference: { kind: "NetworkPolicy", namespace: metadata?.namespace ?? "default", name: metadata?.name ?? "" },
    tier: tiers.networkPolicy,
    priority: 0,
    subject: { namespaces: "own", pods: spec?.podSelector },
    ...(types.includes("Ingress") ? { ingress: rulesOf(spec, "ingress") } : {}),
    ...(types.includes("Egress") ? { egress: rulesOf(spec, "egress") } : {}),
  };
}

/** As an API server fills them in: `Ingress`, and `Egress` where there are egress rules (pkg/apis/networking/v1/defaults.go). */
function policyTypes(spec: NetworkPolicySpec | undefined): readonly string[] {
  const written = spec?.policyTypes;
  if (Array.isArray(written) && written.length > 0) return written;
  return listOf(spec?.egress).length > 0 ? ["Ingress", "Egress"] : ["Ingress"];
}

function rulesOf(spec: NetworkPolicySpec | undefined, direction: Direction): Rule[] {
  return listOf(spec?.[direction]).map((rule: NetworkPolicyRule, index) => {
    const peers = listOf(direction === "ingress" ? rule.from : rule.to);
    const ports = listOf(rule.ports);
    return {
      action: "allow",
      // An absent list is any peer, and so is an empty one.
      peers: peers.length === 0 ? undefined : peers.flatMap(peerOf),
      ports: ports.length === 0 ? undefined : ports.map(portOf),
      path: `spec.${direction}[${index}]`,
    };
  });
}

/** A peer that names nothing matches nothing; an API server stores none (validation.go "must specify a peer"). */
function peerOf({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer): Peer[] {
  if (ipBlock !== undefined && ipBlock !== null) {
    // A block that cannot be read may be any: what is not understood never reads as closed.
    return [{ type: "addresses", addresses: addressesOf([ipBlock.cidr ?? ""], ipBlock.except ?? []) ?? everyAddress }];
  }
  if (namespaceSelector !== undefined && namespaceSelector !== null) return [{ type: "pods", match: { namespaces: namespaceSelector, pods: podSelector } }];
  return podSelector === undefined || podSelector === null ? [] : [{ type: "pods", match: { namespaces: "own", pods: podSelector } }];
}

function portOf({ protocol = "TCP", port, endPort }: NetworkPolicyPort): PortMatch {
  if (!isProtocol(protocol)) return { ports: [] };
  if (port === undefined || port === null) return { ports: portsOf(protocol) };
  return typeof port === "number" ? { ports: portsOf(protocol, port, endPort ?? port) } : { name: port, protocol };
}
