import type { LabelSelector } from "../model/kubernetes.ts";
import type { Family } from "./cidr.ts";
import type { PortSet, Protocol } from "./port-set.ts";
import type { RangeSet } from "./range-set.ts";

/** What a rule does with what it matches. `pass` leaves the tier: the next one decides. A rule that only logs is not compiled. */
export type Action = "allow" | "deny" | "pass";

/**
 * A tier of policies. Those with lower `order` decide first. Where a policy of the tier selects a pod in a direction and no
 * rule decides, `end` does: NetworkPolicy isolates (`deny`), the tiers around it hand on (`pass`). After the last tier, traffic is allowed.
 */
export interface Tier {
  readonly name: string;
  readonly order: number;
  readonly end: "deny" | "pass";
}

/** The tiers of the upstream network policy API (KEP-2091, ClusterNetworkPolicy v1alpha2 `spec.tier`). Those of other dialects lie between. */
export const tiers = {
  admin: { name: "Admin", order: 1000, end: "pass" },
  networkPolicy: { name: "NetworkPolicy", order: 2000, end: "deny" },
  baseline: { name: "Baseline", order: 3000, end: "pass" },
} as const satisfies Record<string, Tier>;

export interface PolicyReference {
  readonly kind: string;
  /** Empty where the kind belongs to the cluster. */
  readonly namespace: string;
  readonly name: string;
}

/** Pods by namespace and label. `"own"` is the policy's own namespace. */
export interface PodMatch {
  readonly namespaces: "own" | LabelSelector;
  readonly pods: LabelSelector | undefined;
}

export type Addresses = Readonly<Record<Family, RangeSet>>;

/** One peer of a rule. Of names (`domainNames`) nobody knows the addresses: they may be any. */
export type Peer =
  | { readonly type: "pods"; readonly match: PodMatch }
  | { readonly type: "addresses"; readonly addresses: Addresses }
  | { readonly type: "nodes"; readonly match: LabelSelector | undefined }
  | { readonly type: "names"; readonly names: readonly string[] };

/** Ports by number, or by the name that a container of the destination gives them. */
export type PortMatch = { readonly ports: PortSet } | { readonly name: string; readonly protocol: Protocol | undefined };

/** One rule of one direction. No `peers` or `ports` is any; an empty list is none. */
export interface Rule {
  readonly action: Action;
  readonly peers: readonly Peer[] | undefined;
  readonly ports: readonly PortMatch[] | undefined;
  /** Where it stands in its object: `spec.ingress[0]`. */
  readonly path: string;
}

/** A policy of any dialect. A direction that is absent is one that it has no say in. */
export interface Policy {
  readonly reference: PolicyReference;
  readonly tier: Tier;
  /** Within the tier, low first. Of two with the same one nobody knows which goes first. */
  readonly priority: number;
  readonly subject: PodMatch;
  readonly ingress?: readonly Rule[];
  readonly egress?: readonly Rule[];
}

/** `NetworkPolicy shop/web`, `ClusterNetworkPolicy guard`. */
export function referenceWords({ kind, namespace, name }: PolicyReference): string {
  return namespace === "" ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}

/** A policy that isolates all pods of a namespace and opens nothing: what an enforced namespace has before its first pod. */
export function isolation(namespace: string, name: string): Policy {
  const reference = { kind: "NetworkPolicy", namespace, name };
  return { reference, tier: tiers.networkPolicy, priority: 0, subject: { namespaces: "own", pods: undefined }, ingress: [], egress: [] };
}
