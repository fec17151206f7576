import type { Direction } from "../model/facts.ts";
import { isNoAddress, noAddresses, subtractAddresses, uniteAddresses } from "./addresses.ts";
import { addressAlgebra, endpointAlgebra, portAlgebra } from "./algebras.ts";
import { addBit, type BitSet, emptyBits, isEmptyBits, membersOf, withoutBits } from "./bit-set.ts";
import { type Bound, decide, type Matched, type RuleSet, type Selected, type Stage, stagesOf } from "./decide.ts";
import { type AddressPlan, addressEndpoint, type Endpoint, matchedPorts, peersMatch } from "./endpoint.ts";
import type { Addresses, Peer, Policy, Rule, Tier } from "./policy.ts";
import { cutPorts, everyPort, holdsPorts, intersectPorts, type PortSet } from "./port-set.ts";
import type { Universe } from "./universe.ts";

/** The rules of one direction, the same value for all policies that say the same: policies are copied from namespace to namespace. */
export interface SharedRules extends RuleSet {
  readonly id: number;
  /** A port is named: what is meant depends on the destination. */
  readonly named: boolean;
}

/**
 * Endpoints that are selected by the same rules in one direction. What they may reach, or be reached from, outside of their
 * own namespace is the same for all of them, and is computed once.
 */
export interface Shape {
  readonly key: string;
  readonly direction: Direction;
  readonly selected: readonly Selected<SharedRules>[];
  readonly stages: readonly Stage<SharedRules>[];
  /** One of its endpoints: named ports of ingress are those of the destination, and are the same for all. */
  readonly example: Endpoint;
}

/** What a shape allows, port by port; traffic within a namespace, and what is allowed there only, is left out. */
export interface Region {
  readonly pieces: readonly { readonly ports: PortSet; readonly peers: BitSet }[];
  readonly addresses: readonly { readonly ports: PortSet; readonly addresses: Addresses }[];
}

/** Interns rules and shapes. */
export class Shapes {
  readonly #rules = new Map<string, SharedRules>();
  #lastId = 0;
  readonly #rulesOf = new WeakMap<Policy, Partial<Record<Direction, SharedRules>>>();
  readonly #shapes = new Map<string, Shape>();

  get size(): number {
    return this.#shapes.size;
  }

  /** The shared rules of a policy; undefined where it has no say in the direction. */
  rulesOf(policy: Policy, direction: Direction): SharedRules | undefined {
    const rules = policy[direction];
    if (rules === undefined) return undefined;
    const known = this.#rulesOf.get(policy) ?? {};
    this.#rulesOf.set(policy, known);
    known[direction] ??= this.#share(policy.tier, policy.priority, rules);
    return known[direction];
  }

  shapeOf(direction: Direction, selected: readonly Selected<SharedRules>[], example: Endpoint): Shape {
    const parts = selected.map(({ policy, match }) => `${policy.id}${match === "yes" ? "" : "?"}`).sort();
    const named = direction === "ingress" && selected.some(({ policy }) => policy.named);
    const key = `${direction} ${parts.join()}${named ? JSON.stringify(example.namedPorts) : ""}`;
    const known = this.#shapes.get(key);
    if (known !== undefined) return known;
    const shape = { key, direction, selected, stages: stagesOf(selected), example };
    this.#shapes.set(key, shape);
    return shape;
  }

  /** Forgets shapes that nothing has any more, and rules that none of them holds. */
  keepOnly(used: ReadonlySet<Shape>): void {
    for (const [key, shape] of this.#shapes) if (!used.has(shape)) this.#shapes.delete(key);
    const rules = new Set([...used].flatMap(({ selected }) => selected.map(({ policy }) => policy)));
    for (const [key, shared] of this.#rules) if (!rules.has(shared)) this.#rules.delete(key);
  }

  #share(tier: Tier, priority: number, rules: readonly Rule[]): SharedRules {
    const said = rules.map(({ action, peers, ports }) => [action, peers ?? null, ports ?? null]);
    const key = JSON.stringify([tier, priority, said], (_, value: unknown) => (typeof value === "bigint" ? value.toString(16) : value));
    const known = this.#rules.get(key);
    if (known !== undefined) return known;
    const named = rules.some(({ ports }) => ports?.some((port) => "name" in port));
    this.#lastId += 1;
    const shared = { id: this.#lastId, tier, priority, rules, named };
    this.#rules.set(key, shared);
    return shared;
  }
}

/** Everything outside of the own namespace that a shape allows, by ports. */
export function regionOf(shape: Shape, universe: Universe, bound: Bound): Region {
  const pieces = cutPorts(portSetsOf(shape, universe));
  const matcher = new RegionMatcher(shape, universe);
  const addresses = pieces.map((ports) => ({ ports, addresses: openAddresses(shape, matcher, ports, bound) })).filter((piece) => !isNoAddress(piece.addresses));
  const open = pieces.map((ports) => ({ ports, peers: openPeers(shape, matcher, ports, universe, universe.alive, bound).slice() }));
  return { pieces: open.filter(({ peers }) => !isEmptyBits(peers)), addresses };
}

/** Everything that can differ between two shapes. */
export interface Traffic {
  readonly peers: BitSet;
  readonly ports: PortSet;
}

/** What a shape is to some traffic: the rules that it can meet, and whether its endpoints are isolated. Many shapes are one then. */
export function metKey(shape: Shape, isMet: (rules: SharedRules) => boolean): string {
  const { selected, direction, example } = shape;
  const parts: string[] = [];
  let named = false;
  for (const { policy, match } of selected) {
    if (!isMet(policy)) continue;
    parts.push(match === "yes" ? `${policy.id}` : `${policy.id}?`);
    named ||= policy.named;
  }
  return `${parts.sort().join()}${isIsolated(shape) ? " isolated" : ""}${named && direction === "ingress" ? JSON.stringify(example.namedPorts) : ""}`;
}

/** The shape with nothing but those rules. */
export function metPart(shape: Shape, isMet: (rules: SharedRules) => boolean): Shape {
  const met = shape.selected.filter(({ policy }) => isMet(policy));
  const isolating = isolatingOf(shape);
  const selected = isolating === undefined ? met : [...met, { ...isolating, policy: { ...isolating.policy, rules: [], named: false } }];
  return { ...shape, selected, stages: stagesOf(selected) };
}

/** What one shape allows of some traffic and another does not, and the reverse. */
export function differenceOf(before: Shape, after: Shape, universe: Universe, traffic: Traffic): { readonly gained: Region; readonly lost: Region } {
  const sets = [...portSetsOf(before, universe), ...portSetsOf(after, universe)];
  const pieces = cutPorts(
    sets.map((set) => intersectPorts(set, traffic.ports)),
    traffic.ports,
  );
  const [was, is] = [new RegionMatcher(before, universe), new RegionMatcher(after, universe)];
  const [gained, lost] = [new RegionBuilder(), new RegionBuilder()];
  for (const ports of pieces) {
    const peers = [openPeers(before, was, ports, universe, traffic.peers, "perhaps"), openPeers(after, is, ports, universe, traffic.peers, "perhaps")] as const;
    const addresses = [openAddresses(before, was, ports, "perhaps"), openAddresses(after, is, ports, "perhaps")] as const;
    gained.add(ports, withoutBits(peers[1], peers[0]), subtractAddresses(addresses[1], addresses[0]));
    lost.add(ports, withoutBits(peers[0], peers[1]), subtractAddresses(addresses[0], addresses[1]));
  }
  return { gained, lost };
}

class RegionBuilder implements Region {
  readonly pieces: { readonly ports: PortSet; readonly peers: BitSet }[] = [];
  readonly addresses: { readonly ports: PortSet; readonly addresses: Addresses }[] = [];

  add(ports: PortSet, peers: BitSet, addresses: Addresses): void {
    if (!isEmptyBits(peers)) this.pieces.push({ ports, peers });
    if (!isNoAddress(addresses)) this.addresses.push({ ports, addresses });
  }
}

/** Whether the endpoints of a shape are isolated whatever labels they have: what is not allowed on purpose is denied. */
export function isIsolated(shape: Shape): boolean {
  return isolatingOf(shape) !== undefined;
}

function isolatingOf({ selected }: Shape): Selected<SharedRules> | undefined {
  return selected.find(({ policy, match }) => policy.tier.end === "deny" && match === "yes");
}

function openPeers({ stages }: Shape, matcher: RegionMatcher, ports: PortSet, { none }: Universe, all: BitSet, bound: Bound): BitSet {
  return decide(endpointAlgebra(all, none), { stages, matched: (_, rule) => matcher.endpoints(rule, ports) }, bound);
}

function openAddresses({ stages }: Shape, matcher: RegionMatcher, ports: PortSet, bound: Bound): Addresses {
  return decide(addressAlgebra, { stages, matched: (_, rule) => matcher.addresses(rule, ports) }, bound);
}

/** The ports on which a shape allows one other endpoint of another namespace. */
export function shapePorts(shape: Shape, subject: Endpoint, peer: Endpoint, plan: AddressPlan, bound: Bound): PortSet {
  return portsOfStages(shape.direction, shape.stages, { subject, peer, plan, namespaceOf: () => "" }, bound);
}

interface Pair<P> {
  readonly subject: Endpoint;
  readonly peer: Endpoint;
  readonly plan: AddressPlan;
  /** The namespace that `own` means in the rules of a policy. */
  readonly namespaceOf: (policy: P) => string;
}

/** The ports that the policies of one end allow for one peer: ingress of the subject from it, or egress to it. */
export function portsOfStages<P extends RuleSet>(direction: Direction, stages: readonly Stage<P>[], pair: Pair<P>, bound: Bound): PortSet {
  return decide(portAlgebra, { stages, matched: pairMatcher(direction, pair) }, bound);
}

export function pairMatcher<P extends RuleSet>(
  direction: Direction,
  { subject, peer, plan, namespaceOf }: Pair<P>,
): (policy: P, rule: Rule) => Matched<PortSet> {
  return (policy, rule) => {
    const match = peersMatch(rule.peers, peer, namespaceOf(policy), plan);
    if (match === "no") return { sure: portAlgebra.none, perhaps: portAlgebra.none };
    const ports = matchedPorts(rule.ports, direction === "ingress" ? subject : peer);
    return { sure: match === "yes" ? ports.sure : portAlgebra.none, perhaps: ports.perhaps };
  };
}

/** Every set of ports that the rules of a shape can tell apart. */
function* portSetsOf({ direction, selected, example }: Shape, universe: Universe): Iterable<PortSet> {
  for (const { policy } of selected)
    for (const { ports } of policy.rules) {
      const destinations = direction === "ingress" || !policy.named ? [example] : membersOf(universe.alive).map((id) => universe.endpoint(id) as Endpoint);
      for (const destination of ports === undefined ? [] : destinations) {
        const { sure, perhaps } = matchedPorts(ports, destination);
        yield sure;
        yield perhaps;
      }
    }
}

/** A destination without container ports. */
const nowhere = addressEndpoint(noAddresses);

const noMatch: Matched<Addresses> = { sure: noAddresses, perhaps: noAddresses };

/** What rules match on one piece of the ports. */
class RegionMatcher {
  readonly #shape: Shape;
  readonly #universe: Universe;
  readonly #ports = new Map<Rule, Matched<PortSet>>();

  constructor(shape: Shape, universe: Universe) {
    this.#shape = shape;
    this.#universe = universe;
  }

  endpoints(rule: Rule, piece: PortSet): Matched<BitSet> {
    const peers = this.#universe.peers(rule.peers);
    if (this.#shape.direction === "egress" && rule.ports?.some((port) => "name" in port)) return this.#byDestination(rule, piece, peers);
    const ports = this.#portsOf(rule, this.#shape.example);
    const { none } = this.#universe;
    return { sure: holdsPorts(ports.sure, piece) ? peers.sure : none, perhaps: meets(ports.perhaps, piece) ? peers.perhaps : none };
  }

  addresses(rule: Rule, piece: PortSet): Matched<Addresses> {
    // A name means nothing at plain addresses on egress; on ingress it is the subject's own.
    const destination: Endpoint = this.#shape.direction === "ingress" ? this.#shape.example : nowhere;
    const ports = this.#portsOf(rule, destination);
    if (!meets(ports.perhaps, piece)) return noMatch;
    const { sure, perhaps } = ruleAddresses(rule.peers);
    return { sure: holdsPorts(ports.sure, piece) ? sure : noAddresses, perhaps };
  }

  /** A rule is asked for each piece, and means the same ports each time. */
  #portsOf(rule: Rule, destination: Endpoint): Matched<PortSet> {
    const known = this.#ports.get(rule);
    if (known !== undefined) return known;
    const ports = matchedPorts(rule.ports, destination);
    this.#ports.set(rule, ports);
    return ports;
  }

  #byDestination(rule: Rule, piece: PortSet, peers: Matched<BitSet>): Matched<BitSet> {
    const [sure, perhaps] = [emptyBits(this.#universe.words), emptyBits(this.#universe.words)];
    const certain = new Set(membersOf(peers.sure));
    for (const id of membersOf(peers.perhaps)) {
      const ports = matchedPorts(rule.ports, this.#universe.endpoint(id) as Endpoint);
      if (meets(ports.perhaps, piece)) addBit(perhaps, id);
      if (holdsPorts(ports.sure, piece) && certain.has(id)) addBit(sure, id);
    }
    return { sure, perhaps };
  }
}

/** Plain addresses among the peers of a rule. Those of names and nodes may be any. */
function ruleAddresses(peers: readonly Peer[] | undefined): Matched<Addresses> {
  if (peers === undefined) return { sure: addressAlgebra.all, perhaps: addressAlgebra.all };
  let [sure, perhaps] = [noAddresses, noAddresses];
  for (const peer of peers) {
    if (peer.type === "addresses") {
      sure = uniteAddresses(sure, peer.addresses);
      perhaps = uniteAddresses(perhaps, peer.addresses);
    }
    if (peer.type === "names") perhaps = addressAlgebra.all;
  }
  return { sure, perhaps };
}

function meets(ports: PortSet, piece: PortSet): boolean {
  return ports === everyPort || intersectPorts(ports, piece).length > 0;
}
