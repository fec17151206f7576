import { isNoAddress, subtractAddresses } from "./addresses.ts";
import { type BitSet, bitsOf, bothBits, isEmptyBits, withoutBits } from "./bit-set.ts";
import type { Endpoint } from "./endpoint.ts";
import { type AddressFlow, type Flow, mergeFlows, subtractFlows } from "./flow.ts";
import { directions, type Network } from "./network.ts";
import { portsBetween } from "./pair.ts";
import type { Addresses, Direction } from "./policy.ts";
import { intersectPorts, type PortSet, subtractPorts } from "./port-set.ts";
import { type Change, Prospect, type Reshaped } from "./prospect.ts";
import { type Region, type Shape, shapePorts } from "./shape.ts";
import type { View } from "./view.ts";

/** Flows between endpoints of a cluster and with plain addresses. */
export interface Flows {
  readonly flows: readonly Flow[];
  readonly addresses: readonly AddressFlow[];
}

/** A workload that runs, by name, as far as its namespace's endpoints do not already speak for it. */
export interface Workload {
  readonly name: string;
  readonly endpoint: Endpoint;
}

/** What a change opens and closes for all that could be, and for workloads that exist. */
export interface Effect {
  readonly before: View;
  readonly after: View;
  readonly opened: Flows;
  readonly closed: Flows;
  /** Flows of workloads that exist, where the pods that could be in their namespace had them before anyway. */
  readonly workloads: readonly { readonly name: string; readonly opened: Flows }[];
  /** Everything that the endpoints of a namespace had and have, where its labels change: what they belong to changes too. */
  readonly moved?: { readonly before: Flows; readonly after: Flows };
}

/** Words of bit sets that one question may touch before it is given up: some tenths of a second. */
const mostWords = 150_000_000;

/** The question is too big to be answered in time. */
export class TooBig extends Error {}

/**
 * The flows that a change opens and closes, for everything that may be: labels of pods are for tenants to choose, and what is
 * not known may be either way. Nothing is opened by a change that was possible before it.
 *
 * @param workloads those of the namespace that the change concerns; they are looked at one by one.
 * @throws TooBig where the answer would take too long.
 */
export function effectOf(network: Network, change: Change, workloads: readonly Workload[] = []): Effect {
  const after = new Prospect(network, change);
  const work = new Work(network.universe.words);
  if (change.type === "policy" && change.reference.namespace === "") return clusterEffect(network, after, work);
  const name = change.type === "namespace" ? change.name : change.reference.namespace;
  const own = new Set([...network.of(name), ...after.of(name)]);
  const ids = bitsOf(network.universe.words, own);
  const [was, is] = [network, after].map((view) => flowsOfAll(view, view.of(name), ids, work)) as [FlowsByPeer, FlowsByPeer];
  const effect = {
    before: network,
    after,
    opened: difference(is, was),
    closed: difference(was, is),
    workloads: workloads.map((workload) => ({ name: workload.name, opened: workloadOpens(network, after, workload, ids, work) })),
  };
  return change.type === "namespace" ? { ...effect, moved: { before: flat(was), after: flat(is) } } : effect;
}

/** Counts what a question costs. */
class Work {
  #left: number;
  readonly #words: number;

  constructor(words: number) {
    this.#left = mostWords;
    this.#words = words;
  }

  spend(sets = 1): void {
    this.#left -= sets * this.#words;
    if (this.#left < 0) throw new TooBig("the change concerns too many policies and namespaces at once");
  }
}

/** Flows by the shape at their other end: only those of the same one can be the same. */
interface FlowsByPeer {
  readonly peers: Map<string, Flow[]>;
  readonly addresses: AddressFlow[];
}

function flowsOfAll(view: View, ids: readonly number[], own: BitSet, work: Work): FlowsByPeer {
  const result: FlowsByPeer = { peers: new Map(), addresses: [] };
  for (const id of ids) {
    const endpoint = view.endpoint(id) as Endpoint;
    const self = bitsOf(own.length, [id]);
    for (const direction of directions) {
      const at = { endpoint, self, own, direction, shape: view.shape(id, direction) };
      collect(view, at, (shape) => view.portsAt(shape, id), work, result);
    }
    for (const other of ids) addWithin(view, endpoint, [id, other], own.length, result);
  }
  return result;
}

interface End {
  readonly endpoint: Endpoint;
  readonly self: BitSet;
  /** All endpoints of the namespace: flows within it are not a matter of shapes. */
  readonly own: BitSet;
  readonly direction: Direction;
  readonly shape: Shape;
}

function collect(view: View, end: End, portsBack: (shape: Shape) => PortSet, work: Work, result: FlowsByPeer): void {
  const region = view.region(end.shape);
  for (const [shape, members] of view.groups(end.direction === "ingress" ? "egress" : "ingress")) {
    const back = portsBack(shape);
    if (back.length === 0) continue;
    for (const piece of region.pieces) {
      const ports = intersectPorts(piece.ports, back);
      if (ports.length === 0) continue;
      work.spend(2);
      const peers = withoutBits(bothBits(piece.peers, members), end.own);
      if (isEmptyBits(peers)) continue;
      const key = `${end.direction} ${end.self} ${shape.key}`;
      const flows = result.peers.get(key) ?? [];
      flows.push(end.direction === "ingress" ? { from: peers, to: end.self, ports } : { from: end.self, to: peers, ports });
      result.peers.set(key, flows);
    }
  }
  const side = end.direction === "ingress" ? "from" : "to";
  for (const { ports, addresses } of region.addresses) result.addresses.push({ side, addresses, endpoints: end.self, ports });
}

/** Traffic between pods of one namespace, which may be the same endpoint: it stands for many pods. */
function addWithin(view: View, from: Endpoint, [id, other]: readonly [number, number], words: number, result: FlowsByPeer): void {
  const ports = portsBetween(view, from, view.endpoint(other) as Endpoint, "perhaps");
  if (ports.length > 0) result.peers.set(`within ${id} ${other}`, [{ from: bitsOf(words, [id]), to: bitsOf(words, [other]), ports }]);
}

function difference(one: FlowsByPeer, two: FlowsByPeer): Flows {
  const flows = [...one.peers].flatMap(([key, own]) => subtractFlows(own, two.peers.get(key) ?? []));
  return { flows: mergeFlows(flows), addresses: subtractAddressFlows(one.addresses, two.addresses) };
}

function flat({ peers, addresses }: FlowsByPeer): Flows {
  return { flows: mergeFlows([...peers.values()].flat()), addresses };
}

/** What a change of policies opens for one workload that runs. */
function workloadOpens(before: View, after: View, { endpoint }: Workload, own: BitSet, work: Work): Flows {
  const [first] = after.of(endpoint.namespace);
  const self = bitsOf(own.length, first === undefined ? [] : [first]);
  const of = (view: View) => {
    const result: FlowsByPeer = { peers: new Map(), addresses: [] };
    for (const direction of directions) {
      const shape = view.shapeFor(endpoint, direction);
      const portsBack = (back: Shape) => shapePorts(back, back.example, endpoint, view.universe.plan, "perhaps");
      collect(view, { endpoint, self, own, direction, shape }, portsBack, work, result);
    }
    return result;
  };
  const unchanged = directions.every((direction) => before.shapeFor(endpoint, direction) === after.shapeFor(endpoint, direction));
  return unchanged ? { flows: [], addresses: [] } : difference(of(after), of(before));
}

function clusterEffect(before: Network, after: Prospect, work: Work): Effect {
  const opened = { flows: [] as Flow[], addresses: [] as AddressFlow[] };
  const closed = { flows: [] as Flow[], addresses: [] as AddressFlow[] };
  for (const direction of directions) {
    const changed = after.changed(direction);
    const back = ({ before: was, after: is, endpoints }: Reshaped): Reshaped => ({ before: is, after: was, endpoints });
    gain(after, direction, changed, work, opened);
    gain(before, direction, changed.map(back), work, closed);
  }
  const merged = ({ flows, addresses }: Flows): Flows => ({ flows: mergeFlows(flows), addresses });
  return { before, after, opened: merged(opened), closed: merged(closed), workloads: [] };
}

/** What endpoints that got another shape gain, where the other end lets it through. */
function gain(view: View, direction: Direction, changed: readonly Reshaped[], work: Work, result: { flows: Flow[]; addresses: AddressFlow[] }): void {
  const side = direction === "ingress" ? "from" : "to";
  for (const { before, after, endpoints } of changed) {
    const [was, is] = [view.region(before), view.region(after)];
    const gained = subtractFlows(productsOf(is, endpoints, direction), productsOf(was, endpoints, direction));
    work.spend(6 * (is.pieces.length + 1) * (was.pieces.length + 1));
    for (const flow of mergeFlows(gained)) result.flows.push(...letThrough(view, flow, direction, work));
    const addressesOf = (region: Region) => region.addresses.map(({ ports, addresses }): AddressFlow => ({ side, addresses, endpoints, ports }));
    result.addresses.push(...subtractAddressFlows(addressesOf(is), addressesOf(was)));
  }
}

function productsOf({ pieces }: Region, endpoints: BitSet, direction: Direction): Flow[] {
  return pieces.map(({ ports, peers }) => (direction === "ingress" ? { from: peers, to: endpoints, ports } : { from: endpoints, to: peers, ports }));
}

/** The part of a flow that the other end allows as well. */
function* letThrough(view: View, flow: Flow, direction: Direction, work: Work): Iterable<Flow> {
  const [here, there] = direction === "ingress" ? [flow.to, flow.from] : [flow.from, flow.to];
  for (const [shape, members] of view.groups(direction === "ingress" ? "egress" : "ingress")) {
    work.spend();
    const peers = bothBits(there, members);
    if (isEmptyBits(peers)) continue;
    for (const piece of view.region(shape).pieces) {
      const ports = intersectPorts(flow.ports, piece.ports);
      if (ports.length === 0) continue;
      work.spend();
      const ends = bothBits(here, piece.peers);
      if (!isEmptyBits(ends)) yield direction === "ingress" ? { from: peers, to: ends, ports } : { from: ends, to: peers, ports };
    }
  }
}

/** What is left of flows with addresses; those that are compared have the same endpoints, or none in common. */
function subtractAddressFlows(flows: readonly AddressFlow[], removed: readonly AddressFlow[]): AddressFlow[] {
  return flows.flatMap((flow) =>
    removed
      .filter(({ side, endpoints }) => side === flow.side && isEmptyBits(withoutBits(flow.endpoints, endpoints)))
      .reduce<AddressFlow[]>((left, part) => left.flatMap((each) => subtractAddressFlow(each, part.ports, part.addresses)), [flow]),
  );
}

function subtractAddressFlow(flow: AddressFlow, removedPorts: PortSet, removed: Addresses): AddressFlow[] {
  const ports = intersectPorts(flow.ports, removedPorts);
  if (ports.length === 0) return [flow];
  const rest: AddressFlow[] = [
    { ...flow, ports: subtractPorts(flow.ports, ports) },
    { ...flow, ports, addresses: subtractAddresses(flow.addresses, removed) },
  ];
  return rest.filter((part) => part.ports.length > 0 && !isNoAddress(part.addresses));
}
