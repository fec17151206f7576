import { type BitSet, bothBits, isEmptyBits, united, withoutBits } from "./bit-set.ts";
import type { Addresses } from "./policy.ts";
import { intersectPorts, type PortSet, subtractPorts, unitePorts } from "./port-set.ts";

/** Flows between endpoints: each of `from` to each of `to`, on all of `ports`. */
export interface Flow {
  readonly from: BitSet;
  readonly to: BitSet;
  readonly ports: PortSet;
}

/** Flows between plain addresses and endpoints. */
export interface AddressFlow {
  /** The side on which the addresses are. */
  readonly side: "from" | "to";
  readonly addresses: Addresses;
  readonly endpoints: BitSet;
  readonly ports: PortSet;
}

/** What is left of flows once others are taken off. */
export function subtractFlows(flows: readonly Flow[], removed: readonly Flow[]): Flow[] {
  return removed.reduce<readonly Flow[]>((left, part) => left.flatMap((flow) => subtractFlow(flow, part)), flows).slice();
}

function subtractFlow(flow: Flow, removed: Flow): Flow[] {
  const ports = intersectPorts(flow.ports, removed.ports);
  if (ports.length === 0) return [flow];
  const from = bothBits(flow.from, removed.from);
  const to = bothBits(flow.to, removed.to);
  if (isEmptyBits(from) || isEmptyBits(to)) return [flow];
  const rest: Flow[] = [
    { from: withoutBits(flow.from, from), to: flow.to, ports: flow.ports },
    { from, to: withoutBits(flow.to, to), ports: flow.ports },
    { from, to, ports: subtractPorts(flow.ports, ports) },
  ];
  return rest.filter((part) => part.ports.length > 0 && !isEmptyBits(part.from) && !isEmptyBits(part.to));
}

/** The same flows in fewer pieces: those that share one end and their ports become one. */
export function mergeFlows(flows: readonly Flow[]): Flow[] {
  const byTo = merge(flows, ({ to, ports }) => `${to}|${ports}`, (one, two) => ({ ...one, from: united(one.from, two.from) }));
  const byFrom = merge(byTo, ({ from, ports }) => `${from}|${ports}`, (one, two) => ({ ...one, to: united(one.to, two.to) }));
  return merge(byFrom, ({ from, to }) => `${from}|${to}`, (one, two) => ({ ...one, ports: unitePorts(one.ports, two.ports) }));
}

function merge(flows: readonly Flow[], keyOf: (flow: Flow) => string, join: (one: Flow, two: Flow) => Flow): Flow[] {
  if (flows.length < 2) return flows.slice();
  const merged = new Map<string, Flow>();
  for (const flow of flows) {
    const key = keyOf(flow);
    const known = merged.get(key);
    merged.set(key, known === undefined ? flow : join(known, flow));
  }
  return [...merged.values()];
}
