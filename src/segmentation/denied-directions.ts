import type { Direction } from "../model/facts.ts";
import type { NetworkPolicy, NetworkPolicySpec } from "../model/kubernetes.ts";

const types: readonly (readonly [Direction, string])[] = [
  ["ingress", "Ingress"],
  ["egress", "Egress"],
];

/** Directions in which a NetworkPolicy isolates every pod of its namespace and opens nothing (networking/v1 podSelector, policyTypes). */
export function deniedDirections(spec: NetworkPolicySpec | undefined): Direction[] {
  const { podSelector, policyTypes } = spec ?? {};
  const everyPod = Object.keys(podSelector?.matchLabels ?? {}).length === 0 && (podSelector?.matchExpressions ?? []).length === 0;
  if (spec === undefined || !everyPod) return [];
  return types
    .filter(([direction, type]) => Array.isArray(policyTypes) && policyTypes.includes(type) && (spec[direction] ?? []).length === 0)
    .map(([direction]) => direction);
}

/** Directions that the policies of a namespace deny without the one of this name, and without those that are going. */
export function deniedWithout(name: string, policies: readonly NetworkPolicy[]): Direction[] {
  return policies.filter(({ metadata }) => metadata?.name !== name && metadata?.deletionTimestamp === undefined).flatMap(({ spec }) => deniedDirections(spec));
}
