import type { Direction } from "../model/facts.ts";
import { isNoAddress, subtractAddresses } from "./addresses.ts";
import { type BitSet, bitsMeet, bothBits, hashOf, holdsBits, isEmptyBits, sameBits, united, withoutBits } from "./bit-set.ts";
import type { Addresses } from "./policy.ts";
import { intersectPorts, type PortSet, samePorts, subtractPorts, unitePorts } from "./port-set.ts";

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

/** A flow as its one end sees it: into the near end, or out of it. */
export function flowAt(direction: Direction, near: BitSet, far: BitSet, ports: PortSet): Flow {
  return direction === "ingress" ? { from: far, to: near, ports } : { from: near, to: far, ports };
}

/** The end of a flow that allows it in a direction, and the other one. */
export function endsAt(direction: Direction, { from, to }: Flow): readonly [near: BitSet, far: BitSet] {
  return direction === "ingress" ? [to, from] : [from, to];
}

export function isAddressFlow(flow: Flow | AddressFlow): flow is AddressFlow {
  return "addresses" in flow;
}

/** What is left of flows once others are taken off. */
export function subtractFlows(flows: readonly Flow[], removed: readonly Flow[]): Flow[] {
  return removed.reduce<readonly Flow[]>((left, part) => left.flatMap((flow) => subtractFlow(flow, part)), flows).slice();
}

function subtractFlow(flow: Flow, removed: Flow): Flow[] {
  const ports = intersectPorts(flow.ports, removed.ports);
  if (ports.length === 0 || !bitsMeet(flow.from, removed.from) || !bitsMeet(flow.to, removed.to)) return [flow];
  const from = bothBits(flow.from, removed.from);
  const to = bothBits(flow.to, removed.to);
  const rest: Flow[] = [
    { from: withoutBits(flow.from, from), to: flow.to, ports: flow.ports },
    { from, to: withoutBits(flow.to, to), ports: flow.ports },
    { from, to, ports: subtractPorts(flow.ports, ports) },
  ];
  return rest.filter((part) => part.ports.length > 0 && !isEmptyBits(part.from) && !isEmptyBits(part.to));
}

/** What is left of a flow with addresses once some are taken off some ports. */
export function subtractFromAddressFlow(flow: AddressFlow, removed: { readonly ports: PortSet; readonly addresses: Addresses }): AddressFlow[] {
  const ports = intersectPorts(flow.ports, removed.ports);
  if (ports.length === 0) return [flow];
  const rest: AddressFlow[] = [
    { ...flow, ports: subtractPorts(flow.ports, ports) },
    { ...flow, ports, addresses: subtractAddresses(flow.addresses, removed.addresses) },
  ];
  return rest.filter((part) => part.ports.length > 0 && !isNoAddress(part.addresses));
}

/** What is left of flows with addresses; those that are compared have the same endpoints, or none in common. */
export function subtractAddressFlows(flows: readonly AddressFlow[], removed: readonly AddressFlow[]): AddressFlow[] {
  return flows.flatMap((flow) =>
    removed
      .filter(({ side, endpoints }) => side === flow.side && holdsBits(endpoints, flow.endpoints))
      .reduce<AddressFlow[]>((left, part) => left.flatMap((each) => subtractFromAddressFlow(each, part)), [flow]),
  );
}

/** The same flows in fewer pieces: those that share one end and their ports become one. */
export function mergeFlows(flows: readonly Flow[]): Flow[] {
  const byTo = merge(
    flows,
    "to",
    (one, two) => samePorts(one.ports, two.ports) && sameBits(one.to, two.to),
    (one, two) => ({ ...one, from: united(one.from, two.from) }),
  );
  const byFrom = merge(
    byTo,
    "from",
    (one, two) => samePorts(one.ports, two.ports) && sameBits(one.from, two.from),
    (one, two) => ({ ...one, to: united(one.to, two.to) }),
  );
  return merge(
    byFrom,
    "from",
    (one, two) => sameBits(one.from, two.from) && sameBits(one.to, two.to),
    (one, two) => ({ ...one, ports: unitePorts(one.ports, two.ports) }),
  );
}

function merge(flows: readonly Flow[], end: "from" | "to", isSame: (one: Flow, two: Flow) => boolean, join: (one: Flow, two: Flow) => Flow): Flow[] {
  if (flows.length < 2) return flows.slice();
  const merged = new Map<number, Flow[]>();
  for (const flow of flows) {
    const hash = hashOf(flow[end]);
    const like = merged.get(hash) ?? [];
    merged.set(hash, like);
    const at = like.findIndex((known) => isSame(known, flow));
    if (at < 0) like.push(flow);
    else like[at] = join(like[at] as Flow, flow);
  }
  return [...merged.values()].flat();
}
