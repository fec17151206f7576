import type { Direction } from "../model/facts.ts";
import { addAll, type BitSet, bitsMeet, bitsOf, bothBits, hashOf, isEmptyBits, sameBits, united, withoutBits } from "./bit-set.ts";
import type { Endpoint } from "./endpoint.ts";
import { type AddressFlow, endsAt, type Flow, flowAt, mergeFlows, subtractAddressFlows, subtractFlows } from "./flow.ts";
import { directions, type Network } from "./network.ts";
import { portsBetween } from "./pair.ts";
import { intersectPorts, noPorts, type PortSet, samePorts } from "./port-set.ts";
import { type Change, Prospect, type Reshaped } from "./prospect.ts";
import { differenceOf, isIsolated, metKey, metPart, type Region, type Shape, type SharedRules, shapePorts, type Traffic } from "./shape.ts";
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
  network.tidy();
  const after = new Prospect(network, change);
  const work = new Work(network.universe.words);
  if (change.type === "policy" && change.reference.namespace === "") return clusterEffect(network, after, work);
  const name = change.type === "namespace" ? change.name : change.reference.namespace;
  const own = new Set([...network.of(name), ...after.of(name)]);
  const ids = bitsOf(network.universe.words, own);
  // Where labels stay and an end is decided by the same rules, nothing changes there.
  const same = (id: number, direction: Direction) => change.type === "policy" && network.shape(id, direction) === after.shape(id, direction);
  const [was, is] = [network, after].map((view) => flowsOfAll(view, view.of(name), { own: ids, same, work })) as [FlowsByPeer, FlowsByPeer];
  const effect = {
    before: network,
    after,
    opened: difference(is, was),
    closed: difference(was, is),
    workloads: workloads.map((workload) => ({ name: workload.name, opened: workloadOpens(network, after, workload, ids, work) })),
  };
  return change.type === "namespace" ? { ...effect, moved: { before: flat(was), after: flat(is) } } : effect;
}

const opposite: Readonly<Record<Direction, Direction>> = { ingress: "egress", egress: "ingress" };

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

interface Scope {
  /** All endpoints of the namespace: flows within it are not a matter of shapes. */
  readonly own: BitSet;
  /** Whether the end of an endpoint is of no interest. */
  readonly same: (id: number, direction: Direction) => boolean;
  readonly work: Work;
}

function flowsOfAll(view: View, ids: readonly number[], { own, same, work }: Scope): FlowsByPeer {
  const result: FlowsByPeer = { peers: new Map(), addresses: [] };
  for (const id of ids) {
    const endpoint = view.endpoint(id) as Endpoint;
    const self = bitsOf(own.length, [id]);
    for (const direction of directions) {
      if (same(id, direction)) continue;
      collect(view, { self, own, direction, shape: view.shape(id, direction) }, (shape) => view.portsAt(shape, id), work, result);
    }
    for (const other of ids) addWithin(view, endpoint, [id, other], own.length, result);
  }
  return result;
}

interface End {
  readonly self: BitSet;
  readonly own: BitSet;
  readonly direction: Direction;
  readonly shape: Shape;
}

function collect(view: View, end: End, portsBack: (shape: Shape) => PortSet, work: Work, result: FlowsByPeer): void {
  const region = view.region(end.shape);
  for (const [shape, members] of view.groups(opposite[end.direction])) {
    const back = portsBack(shape);
    const flows = back.length === 0 ? [] : [...flowsWith(region, end, { members, back }, work)];
    if (flows.length > 0) result.peers.set(`${end.direction} ${end.self} ${shape.key}`, flows);
  }
  const side = end.direction === "ingress" ? "from" : "to";
  for (const { ports, addresses } of region.addresses) result.addresses.push({ side, addresses, endpoints: end.self, ports });
}

/** What an end allows of the endpoints of one shape, which allow some ports themselves. */
function* flowsWith({ pieces }: Region, end: End, others: { readonly members: BitSet; readonly back: PortSet }, work: Work): Iterable<Flow> {
  for (const piece of pieces) {
    const ports = intersectPorts(piece.ports, others.back);
    if (ports.length === 0) continue;
    work.spend(2);
    if (!bitsMeet(piece.peers, others.members)) continue;
    const peers = withoutBits(bothBits(piece.peers, others.members), end.own);
    if (!isEmptyBits(peers)) yield flowAt(end.direction, end.self, peers, ports);
  }
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

/**
 * What a change of policies opens for one workload that runs, where the pods that could be in its namespace were not isolated
 * before: everything was possible for them then, and says nothing about what it had.
 */
function workloadOpens(before: View, after: View, { endpoint }: Workload, own: BitSet, work: Work): Flows {
  const [id] = before.of(endpoint.namespace);
  if (id === undefined) return noFlows;
  const open = directions.filter(
    (direction) => !isIsolated(before.shape(id, direction)) && before.shapeFor(endpoint, direction) !== after.shapeFor(endpoint, direction),
  );
  if (open.length === 0) return noFlows;
  const self = bitsOf(own.length, [id]);
  const of = (view: View) => {
    const result: FlowsByPeer = { peers: new Map(), addresses: [] };
    for (const direction of open) {
      // What any pod of the namespace has no way to, this one has not either.
      const portsBack = (back: Shape) =>
        view.portsAt(back, id).length === 0 ? noPorts : shapePorts(back, back.example, endpoint, view.universe.plan, "perhaps");
      collect(view, { self, own, direction, shape: view.shapeFor(endpoint, direction) }, portsBack, work, result);
    }
    return result;
  };
  return difference(of(after), of(before));
}

const noFlows: Flows = { flows: [], addresses: [] };

function clusterEffect(before: Network, after: Prospect, work: Work): Effect {
  const opened = new Gains();
  const closed = new Gains();
  for (const direction of directions) {
    const traffic = after.traffic(direction);
    if (traffic === undefined) continue;
    for (const { before: was, after: is, endpoints } of alike(after, direction, traffic)) {
      work.spend(30);
      const { gained, lost } = differenceOf(was, is, after.universe, traffic);
      opened.add(direction, gained, endpoints);
      closed.add(direction, lost, endpoints);
    }
  }
  return { before, after, opened: opened.letThrough(after, work), closed: closed.letThrough(before, work), workloads: [] };
}

/** Endpoints that got another shape, those together whose shapes are the same as far as the traffic can tell. */
function alike(after: Prospect, direction: Direction, traffic: Traffic): Iterable<Reshaped> {
  const known = new Map<SharedRules, boolean>();
  const isMet = (rules: SharedRules) => {
    const met = known.get(rules) ?? after.isMet(rules, traffic);
    known.set(rules, met);
    return met;
  };
  const groups = new Map<string, Reshaped>();
  for (const { before, after: shape, endpoints } of after.changed(direction)) {
    const key = `${metKey(before, isMet)} > ${metKey(shape, isMet)}`;
    const same = groups.get(key);
    if (same === undefined) groups.set(key, { before: metPart(before, isMet), after: metPart(shape, isMet), endpoints: endpoints.slice() });
    else addAll(same.endpoints, endpoints);
  }
  return groups.values();
}

/** What endpoints gain at one end, gathered: the policies of most of them make no difference to it. */
class Gains {
  readonly #flows: Record<Direction, Gathered> = { ingress: new Gathered(), egress: new Gathered() };
  readonly #addresses: AddressFlow[] = [];

  add(direction: Direction, { pieces, addresses }: Region, endpoints: BitSet): void {
    for (const { ports, peers } of pieces) this.#flows[direction].add(ports, peers, endpoints);
    for (const piece of addresses) this.#addresses.push({ side: direction === "ingress" ? "from" : "to", endpoints, ...piece });
  }

  /** The part that the other ends allow too. */
  letThrough(view: View, work: Work): Flows {
    const flows: Flow[] = [];
    for (const direction of directions)
      for (const { ports, peers, endpoints } of this.#flows[direction].all())
        flows.push(...letThrough(view, flowAt(direction, endpoints, peers, ports), direction, work));
    return { flows: mergeFlows(flows), addresses: joinAddressFlows(this.#addresses) };
  }
}

/** Endpoints by the same peers and ports. */
class Gathered {
  readonly #byHash = new Map<number, { readonly ports: PortSet; readonly peers: BitSet; endpoints: BitSet }[]>();

  add(ports: PortSet, peers: BitSet, endpoints: BitSet): void {
    const hash = hashOf(peers);
    const same = this.#byHash.get(hash) ?? [];
    this.#byHash.set(hash, same);
    const known = same.find((each) => samePorts(each.ports, ports) && sameBits(each.peers, peers));
    if (known === undefined) same.push({ ports, peers, endpoints });
    else known.endpoints = united(known.endpoints, endpoints);
  }

  all() {
    return [...this.#byHash.values()].flat();
  }
}

function joinAddressFlows(flows: readonly AddressFlow[]): AddressFlow[] {
  const joined = new Map<string, AddressFlow>();
  for (const flow of flows) {
    const ranges = [flow.addresses.ipv4, flow.addresses.ipv6].map((set) => set.map(({ first, last }) => `${first}-${last}`).join());
    const key = `${flow.side} ${flow.ports} ${ranges.join(" ")}`;
    const known = joined.get(key);
    joined.set(key, known === undefined ? flow : { ...flow, endpoints: united(known.endpoints, flow.endpoints) });
  }
  return [...joined.values()];
}

/** The part of a flow that the other end allows as well. */
function* letThrough(view: View, flow: Flow, direction: Direction, work: Work): Iterable<Flow> {
  for (const [shape, members] of view.groups(opposite[direction]))
    for (const piece of view.region(shape).pieces) {
      const through = partOf(flow, direction, members, piece, work);
      if (through !== undefined) yield through;
    }
}

function partOf(flow: Flow, direction: Direction, members: BitSet, piece: Region["pieces"][number], work: Work): Flow | undefined {
  const ports = intersectPorts(flow.ports, piece.ports);
  if (ports.length === 0) return undefined;
  const [here, there] = endsAt(direction, flow);
  work.spend();
  if (!bitsMeet(there, members) || !bitsMeet(here, piece.peers)) return undefined;
  const [peers, ends] = [bothBits(there, members), bothBits(here, piece.peers)];
  return flowAt(direction, ends, peers, ports);
}
