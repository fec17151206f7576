import type { Direction } from "../model/facts.ts";
import { type Bound, type RuleSet, type Selected, stagesOf } from "./decide.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Policy } from "./policy.ts";
import { everyPort, intersectPorts, noPorts, type PortSet } from "./port-set.ts";
import { portsOfStages } from "./shape.ts";
import type { View } from "./view.ts";

/**
 * The ports on which one endpoint reaches another: what egress of the one and ingress of the other both allow. Each is
 * decided by itself by the policies that select that end (networking/v1 NetworkPolicySpec).
 */
export function portsBetween(view: View, from: Endpoint, to: Endpoint, bound: Bound): PortSet {
  const egress = portsOfOneEnd(view, "egress", from, to, bound);
  return egress.length === 0 ? noPorts : intersectPorts(egress, portsOfOneEnd(view, "ingress", to, from, bound));
}

export function portsOfOneEnd(view: View, direction: Direction, subject: Endpoint, peer: Endpoint, bound: Bound): PortSet {
  // Policies do not apply to what runs on a node's network, and addresses have none.
  if (subject.kind !== "pod") return everyPort;
  const ports = portsOfStages(
    direction,
    stagesOf(directed(view.selecting(subject, direction), direction)),
    { subject, peer, plan: view.universe.plan, namespaceOf },
    bound,
  );
  // A node always reaches the pods that it runs (networking/v1 NetworkPolicyIngressRule), and any may run on it.
  return direction === "ingress" && peer.kind === "host" && bound === "perhaps" ? everyPort : ports;
}

/** The rules of one direction of a policy, as they are decided by. */
export interface DirectedPolicy extends RuleSet {
  readonly policy: Policy;
}

export function directed(selected: readonly Selected<Policy>[], direction: Direction): Selected<DirectedPolicy>[] {
  return selected.map(({ policy, match }) => ({ match, policy: { policy, tier: policy.tier, priority: policy.priority, rules: policy[direction] ?? [] } }));
}

export function namespaceOf({ policy }: DirectedPolicy): string {
  return policy.reference.namespace;
}
