import type { Direction } from "../../../model/facts.ts";
import type { KubernetesObject, LabelSelector } from "../../../model/kubernetes.ts";
import { addressesOf } from "../../addresses.ts";
import { type Action, type Peer, type PodMatch, type Policy, type PortMatch, type Rule, tiers } from "../../policy.ts";
import { isProtocol, portsOf } from "../../port-set.ts";
import { listOf } from "../list-of.ts";

interface NamespacedPods {
  readonly namespaceSelector?: LabelSelector;
  readonly podSelector?: LabelSelector;
}

/** Whom a policy is about: one of the two. */
export interface Subject {
  readonly namespaces?: LabelSelector;
  readonly pods?: NamespacedPods;
}

/** One peer, the same in both generations of the API. */
export interface ClusterPeer {
  readonly namespaces?: LabelSelector;
  readonly pods?: NamespacedPods;
  readonly nodes?: LabelSelector;
  readonly networks?: readonly string[];
  readonly domainNames?: readonly string[];
}

interface DestinationPort {
  readonly number?: number;
  readonly range?: { readonly start?: number; readonly end?: number };
}

type ClusterProtocol = Readonly<Partial<Record<"tcp" | "udp" | "sctp", { readonly destinationPort?: DestinationPort }>>> & {
  readonly destinationNamedPort?: string;
};

interface ClusterRule {
  readonly action?: string;
  readonly from?: readonly ClusterPeer[];
  readonly to?: readonly ClusterPeer[];
  readonly protocols?: readonly ClusterProtocol[];
}

export interface ClusterNetworkPolicy extends KubernetesObject {
  readonly spec?: {
    readonly tier?: string;
    readonly priority?: number;
    readonly subject?: Subject;
    readonly ingress?: readonly ClusterRule[];
    readonly egress?: readonly ClusterRule[];
  };
}

const actions: Readonly<Record<string, Action>> = { Accept: "allow", Deny: "deny", Pass: "pass" };

/** ClusterNetworkPolicy of policy.networking.k8s.io/v1alpha2. Source: sigs.k8s.io/network-policy-api, apis/v1alpha2. */
export function compileClusterNetworkPolicy({ metadata, spec }: ClusterNetworkPolicy): Policy {
  return {
    reference: { kind: "ClusterNetworkPolicy", namespace: "", name: metadata?.name ?? "" },
    tier: spec?.tier === "Baseline" ? tiers.baseline : tiers.admin,
    priority: spec?.priority ?? 0,
    subject: subjectOf(spec?.subject),
    // It isolates nobody: without rules it has no say in a direction.
    ...(listOf(spec?.ingress).length > 0 ? { ingress: rulesOf(spec?.ingress, "ingress") } : {}),
    ...(listOf(spec?.egress).length > 0 ? { egress: rulesOf(spec?.egress, "egress") } : {}),
  };
}

/** A subject that says neither is stored by no API server; in a file it is taken for everybody. */
export function subjectOf(subject: Subject | undefined): PodMatch {
  if (subject?.pods !== undefined) return { namespaces: subject.pods.namespaceSelector ?? {}, pods: subject.pods.podSelector };
  return { namespaces: subject?.namespaces ?? {}, pods: undefined };
}

/**
 * A rule of either generation of the API, with what its peers compile to. A peer of a kind that is not known matches nothing
 * in a rule that allows, and everything in one that denies or passes, which then denies: the API says to fail closed.
 */
export function closedRule(action: Action | undefined, peers: readonly (Peer | undefined)[], ports: readonly PortMatch[] | undefined, path: string): Rule {
  const unknown = action === undefined || peers.includes(undefined);
  const known = peers.filter((peer) => peer !== undefined);
  if (!unknown) return { action, peers: known, ports, path };
  return action === "allow" ? { action, peers: known, ports, path } : { action: "deny", peers: undefined, ports: undefined, path };
}

function pods({ namespaceSelector, podSelector }: NamespacedPods): Peer {
  return { type: "pods", match: { namespaces: namespaceSelector ?? {}, pods: podSelector } };
}

/** Blocks of `networks`; undefined, as a peer that is not known, where one cannot be read. */
function networks(cidrs: readonly string[]): Peer | undefined {
  const addresses = addressesOf(cidrs);
  return addresses === undefined ? undefined : { type: "addresses", addresses };
}

function rulesOf(rules: readonly ClusterRule[] | undefined, direction: Direction): Rule[] {
  return listOf(rules).map((rule, index) => {
    const peers = listOf(direction === "ingress" ? rule.from : rule.to).map(peerOf);
    const protocols = listOf(rule.protocols);
    return closedRule(
      actions[rule.action ?? ""],
      peers,
      protocols.length === 0 ? undefined : protocols.flatMap(portsOfProtocol),
      `spec.${direction}[${index}]`,
    );
  });
}

/** Undefined for a peer of a kind that is not known. */
export function peerOf(peer: ClusterPeer): Peer | undefined {
  if (peer.namespaces !== undefined) return { type: "pods", match: { namespaces: peer.namespaces, pods: undefined } };
  if (peer.pods !== undefined) return pods(peer.pods);
  if (peer.nodes !== undefined) return { type: "nodes", match: peer.nodes };
  if (Array.isArray(peer.networks)) return networks(peer.networks);
  return Array.isArray(peer.domainNames) ? { type: "names", names: peer.domainNames } : undefined;
}

/** A named port means any protocol under which the destination has a port of that name. */
function portsOfProtocol(protocol: ClusterProtocol): PortMatch[] {
  if (typeof protocol.destinationNamedPort === "string") return [{ name: protocol.destinationNamedPort, protocol: undefined }];
  return (["tcp", "udp", "sctp"] as const).flatMap((name): PortMatch[] => {
    const match = protocol[name];
    const upper = name.toUpperCase();
    if (match === undefined || match === null || !isProtocol(upper)) return [];
    const { number, range } = match.destinationPort ?? {};
    if (number !== undefined) return [{ ports: portsOf(upper, number, number) }];
    return [{ ports: range === undefined ? portsOf(upper) : portsOf(upper, range.start ?? 1, range.end) }];
  });
}
