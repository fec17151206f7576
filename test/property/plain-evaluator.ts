import type { LabelSelector, Labels, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from "../../src/model/kubernetes.ts";
import type { AdminNetworkPolicy } from "../../src/reachability/dialects/admin-network-policy/compile.ts";
import type { ClusterNetworkPolicy } from "../../src/reachability/dialects/cluster-network-policy/compile.ts";

/**
 * Says of one packet whether policies let it through, written from the texts of the APIs and as plainly as can be: no sets, no
 * indexes, nothing in common with what it is compared with. IPv4 only.
 */
export interface Pod {
  readonly namespace: string;
  readonly labels: Labels;
  readonly ip: string;
  readonly hostNetwork: boolean;
  readonly ports: readonly { readonly name: string; readonly protocol: string; readonly port: number }[];
}

export interface Cluster {
  readonly namespaces: Readonly<Record<string, Labels>>;
  readonly pods: readonly Pod[];
  readonly networkPolicies: readonly NetworkPolicy[];
  readonly clusterNetworkPolicies: readonly ClusterNetworkPolicy[];
  readonly adminNetworkPolicies: readonly AdminNetworkPolicy[];
}

/** One end of a packet: a pod, or an address outside. */
export type End = Pod | { readonly ip: string };

export interface Packet {
  readonly from: End;
  readonly to: End;
  readonly protocol: string;
  readonly port: number;
}

type Verdict = "allow" | "deny" | "pass";
/** Of policies of one priority any may be asked first: an order says how. */
export type Order = (names: readonly string[]) => readonly string[];

export function isAllowed(cluster: Cluster, packet: Packet, order: Order): boolean {
  return directionAllows(cluster, packet, "egress", order) && directionAllows(cluster, packet, "ingress", order);
}

function directionAllows(cluster: Cluster, packet: Packet, direction: "ingress" | "egress", order: Order): boolean {
  const subject = direction === "ingress" ? packet.to : packet.from;
  if (!("labels" in subject) || subject.hostNetwork) return true;
  const admin = tier(cluster, packet, direction, subject, "Admin", order);
  if (admin === "allow" || admin === "deny") return admin === "allow";
  const selecting = cluster.networkPolicies.filter((policy) => selectsPod(policy, subject, direction));
  if (selecting.length > 0) return selecting.some((policy) => networkPolicyAllows(cluster, policy, packet, direction));
  return tier(cluster, packet, direction, subject, "Baseline", order) !== "deny";
}

function selectsPod({ metadata, spec }: NetworkPolicy, pod: Pod, direction: "ingress" | "egress"): boolean {
  if (metadata?.namespace !== pod.namespace || !labelsMatch(spec?.podSelector, pod.labels)) return false;
  const types = spec?.policyTypes ?? [];
  if (types.length > 0) return types.includes(direction === "ingress" ? "Ingress" : "Egress");
  return direction === "ingress" || (spec?.egress ?? []).length > 0;
}

function networkPolicyAllows(cluster: Cluster, { metadata, spec }: NetworkPolicy, packet: Packet, direction: "ingress" | "egress"): boolean {
  const rules = (direction === "ingress" ? spec?.ingress : spec?.egress) ?? [];
  const peer = direction === "ingress" ? packet.from : packet.to;
  return rules.some((rule) => {
    const peers = (direction === "ingress" ? rule.from : rule.to) ?? [];
    const ports = rule.ports ?? [];
    const peerGood = peers.length === 0 || peers.some((each) => networkPolicyPeer(cluster, each, metadata?.namespace ?? "", peer));
    return peerGood && (ports.length === 0 || ports.some((port) => networkPolicyPort(port, packet)));
  });
}

function networkPolicyPeer(cluster: Cluster, { podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer, own: string, peer: End): boolean {
  if (ipBlock) return inCidr(peer.ip, ipBlock.cidr ?? "") && !(ipBlock.except ?? []).some((cidr) => inCidr(peer.ip, cidr));
  if (!("labels" in peer) || peer.hostNetwork) return false;
  if (namespaceSelector ? !labelsMatch(namespaceSelector, cluster.namespaces[peer.namespace] ?? {}) : peer.namespace !== own) return false;
  return podSelector === undefined || labelsMatch(podSelector, peer.labels);
}

function networkPolicyPort({ protocol = "TCP", port, endPort }: NetworkPolicyPort, packet: Packet): boolean {
  if (protocol !== packet.protocol) return false;
  if (port === undefined) return true;
  if (typeof port === "string") return hasNamedPort(packet, port);
  return packet.port >= port && packet.port <= (endPort ?? port);
}

function hasNamedPort({ to, protocol, port }: Packet, name: string): boolean {
  return "ports" in to && to.ports.some((own) => own.name === name && own.protocol === protocol && own.port === port);
}

/** The first rule that matches, of the policies of a tier by priority. */
function tier(cluster: Cluster, packet: Packet, direction: "ingress" | "egress", subject: Pod, name: "Admin" | "Baseline", order: Order): Verdict | undefined {
  const policies = [...cluster.clusterNetworkPolicies.map(clusterPolicy), ...cluster.adminNetworkPolicies.map(adminPolicy)].filter(
    (policy) => policy.tier === name,
  );
  const names = order(policies.map((policy) => policy.name));
  policies.sort((a, b) => a.priority - b.priority || names.indexOf(a.name) - names.indexOf(b.name));
  const peer = direction === "ingress" ? packet.from : packet.to;
  for (const policy of policies) {
    if (!subjectMatches(cluster, policy.subject, subject)) continue;
    for (const rule of policy[direction]) {
      const known = rule.peers.every((each) => ["namespaces", "pods", "networks"].some((field) => field in each));
      // A rule with a peer that nobody knows denies everything, unless it allows.
      if (!known && rule.action !== "allow") return "deny";
      if (rule.peers.some((each) => clusterPeer(cluster, each, peer)) && rule.port(packet)) return rule.action;
    }
  }
  return undefined;
}

type PlainProtocol = NonNullable<NonNullable<NonNullable<ClusterNetworkPolicy["spec"]>["ingress"]>[number]["protocols"]>[number];

function protocolMatches(protocol: PlainProtocol, packet: Packet): boolean {
  if (protocol.destinationNamedPort !== undefined) return hasNamedPort(packet, protocol.destinationNamedPort);
  const own = protocol[packet.protocol.toLowerCase() as "tcp"];
  if (own === undefined) return false;
  const { number, range } = own.destinationPort ?? {};
  if (number !== undefined) return packet.port === number;
  return range === undefined || (packet.port >= (range.start ?? 0) && packet.port <= (range.end ?? 0));
}

interface PlainRule {
  readonly action: Verdict;
  readonly peers: readonly Record<string, unknown>[];
  readonly port: (packet: Packet) => boolean;
}

interface PlainPolicy {
  readonly name: string;
  readonly tier: string;
  readonly priority: number;
  readonly subject: Record<string, unknown>;
  readonly ingress: readonly PlainRule[];
  readonly egress: readonly PlainRule[];
}

function clusterPolicy({ metadata, spec }: ClusterNetworkPolicy): PlainPolicy {
  const rule =
    (side: "from" | "to") =>
    (each: NonNullable<NonNullable<typeof spec>["ingress"]>[number]): PlainRule => ({
      action: each.action === "Accept" ? "allow" : each.action === "Deny" ? "deny" : "pass",
      peers: (each[side] ?? []) as Record<string, unknown>[],
      port: (packet) => {
        if (each.protocols === undefined) return true;
        return each.protocols.some((protocol) => protocolMatches(protocol, packet));
      },
    });
  return {
    name: `cnp-${metadata?.name}`,
    tier: spec?.tier ?? "",
    priority: spec?.priority ?? 0,
    subject: (spec?.subject ?? {}) as Record<string, unknown>,
    ingress: (spec?.ingress ?? []).map(rule("from")),
    egress: (spec?.egress ?? []).map(rule("to")),
  };
}

function adminPolicy({ kind, metadata, spec }: AdminNetworkPolicy): PlainPolicy {
  const rule =
    (side: "from" | "to") =>
    (each: NonNullable<NonNullable<typeof spec>["ingress"]>[number]): PlainRule => ({
      action: each.action === "Allow" ? "allow" : each.action === "Deny" ? "deny" : "pass",
      peers: (each[side] ?? []) as Record<string, unknown>[],
      port: (packet) => {
        if (each.ports === undefined) return true;
        return each.ports.some(({ portNumber, portRange, namedPort }) => {
          if (namedPort !== undefined) return hasNamedPort(packet, namedPort);
          if (portNumber) return packet.protocol === (portNumber.protocol ?? "TCP") && packet.port === portNumber.port;
          const { protocol = "TCP", start = 0, end = 0 } = portRange ?? {};
          return packet.protocol === protocol && packet.port >= start && packet.port <= end;
        });
      },
    });
  return {
    name: `${kind}-${metadata?.name}`,
    tier: kind === "BaselineAdminNetworkPolicy" ? "Baseline" : "Admin",
    priority: spec?.priority ?? 0,
    subject: (spec?.subject ?? {}) as Record<string, unknown>,
    ingress: (spec?.ingress ?? []).map(rule("from")),
    egress: (spec?.egress ?? []).map(rule("to")),
  };
}

interface Pods {
  readonly namespaceSelector?: LabelSelector;
  readonly podSelector?: LabelSelector;
}

function subjectMatches(cluster: Cluster, subject: Record<string, unknown>, pod: Pod): boolean {
  return subject["pods"]
    ? podsMatch(cluster, subject["pods"] as Pods, pod)
    : labelsMatch(subject["namespaces"] as LabelSelector, cluster.namespaces[pod.namespace] ?? {});
}

function clusterPeer(cluster: Cluster, peer: Record<string, unknown>, end: End): boolean {
  if (peer["networks"]) return (peer["networks"] as string[]).some((cidr) => inCidr(end.ip, cidr));
  if (!("labels" in end) || end.hostNetwork) return false;
  if (peer["namespaces"]) return labelsMatch(peer["namespaces"] as LabelSelector, cluster.namespaces[end.namespace] ?? {});
  return peer["pods"] !== undefined && podsMatch(cluster, peer["pods"] as Pods, end);
}

function podsMatch(cluster: Cluster, { namespaceSelector, podSelector }: Pods, pod: Pod): boolean {
  return labelsMatch(namespaceSelector, cluster.namespaces[pod.namespace] ?? {}) && labelsMatch(podSelector, pod.labels);
}

function labelsMatch(selector: LabelSelector | undefined, labels: Labels): boolean {
  const labelValue = (key: string) => (Object.hasOwn(labels, key) ? labels[key] : undefined);
  for (const [key, value] of Object.entries(selector?.matchLabels ?? {})) if (labelValue(key) !== value) return false;
  return (selector?.matchExpressions ?? []).every(({ key, operator, values = [] }) => expressionMatches(operator, values, labelValue(key)));
}

function expressionMatches(operator: string, values: readonly string[], value: string | undefined): boolean {
  if (operator === "In") return value !== undefined && values.includes(value);
  if (operator === "NotIn") return value === undefined || !values.includes(value);
  return operator === "Exists" ? value !== undefined : value === undefined;
}

function inCidr(ip: string, cidr: string): boolean {
  const [block = "", bits = "0"] = cidr.split("/");
  const number = (address: string) => address.split(".").reduce((value, part) => value * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(bits));
  return Math.floor(number(ip) / size) === Math.floor(number(block) / size);
}
