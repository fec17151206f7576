import type { Direction } from "../model/facts.ts";
import type { Labels } from "../model/kubernetes.ts";
import { addAll, addBit, type BitSet, bitsMeet, bothBits, emptyBits, holdsBits, isEmptyBits, removeBit, united, withoutBits } from "./bit-set.ts";
import type { Selected } from "./decide.ts";
import { type Endpoint, peersMatch } from "./endpoint.ts";
import { type Network, policyKey, selectingAmong, shapeOfPolicies } from "./network.ts";
import { isolation, type Peer, type Policy, type PolicyReference, type PortMatch } from "./policy.ts";
import type { PossiblePods } from "./population.ts";
import { everyPort, intersectPorts, noPorts, type PortSet, unitePorts } from "./port-set.ts";
import { type Region, type Shape, type SharedRules, shapePorts, type Traffic } from "./shape.ts";
import type { Universe } from "./universe.ts";
import type { View } from "./view.ts";

/** A change of one object: what it is afterwards, or nothing where it goes. */
export type Change =
  | { readonly type: "policy"; readonly reference: PolicyReference; readonly policy: Policy | undefined }
  | { readonly type: "namespace"; readonly name: string; readonly labels: Labels | undefined; readonly policies?: readonly Policy[] };

/**
 * A namespace with such labels. One that is new has no policies yet; where it is enforced, its default deny is stored before
 * its first pod is admitted.
 */
export function namespaceChange(network: Network, name: string, labels: Labels | undefined): Change {
  if (labels === undefined || network.labels(name) !== undefined) return { type: "namespace", name, labels };
  const [any] = network.population(name, labels) as readonly Partial<PossiblePods>[];
  return { type: "namespace", name, labels, policies: any?.enforced === true ? [isolation(name, "firebreak-default-deny")] : [] };
}

/** Endpoints that had one shape and have another. */
export interface Reshaped {
  readonly before: Shape;
  readonly after: Shape;
  readonly endpoints: BitSet;
}

/** A network as it would be after a change. The network itself stays as it is, and must not change while this is in use. */
export class Prospect implements View {
  readonly #network: Network;
  readonly #change: Change;
  readonly #ids: readonly number[] | undefined;
  readonly #endpoints = new Map<number, Endpoint | undefined>();
  readonly #groups: Partial<Record<Direction, ReadonlyMap<Shape, BitSet>>> = {};
  readonly #reshaped: Partial<Record<Direction, readonly Reshaped[]>> = {};
  readonly #toldApart = new Map<number, Map<SharedRules, boolean>>();
  readonly #shapes: Record<Direction, Map<number, Shape>> = { ingress: new Map(), egress: new Map() };

  constructor(network: Network, change: Change) {
    this.#network = network;
    this.#change = change;
    if (change.type !== "namespace") return;
    const endpoints = change.labels === undefined ? [] : network.population(change.name, change.labels);
    const before = network.of(change.name);
    const more = network.universe.unused(endpoints.length - before.length);
    this.#ids = [...before.slice(0, endpoints.length), ...more];
    for (const id of before) this.#endpoints.set(id, undefined);
    for (const [index, id] of this.#ids.entries()) this.#endpoints.set(id, endpoints[index]);
  }

  get universe(): Universe {
    return this.#network.universe;
  }

  of(namespace: string): readonly number[] {
    return this.#change.type === "namespace" && this.#change.name === namespace ? (this.#ids ?? []) : this.#network.of(namespace);
  }

  endpoint(id: number): Endpoint | undefined {
    return this.#endpoints.has(id) ? this.#endpoints.get(id) : this.#network.endpoint(id);
  }

  shape(id: number, direction: Direction): Shape {
    const known = this.#shapes[direction].get(id);
    if (known !== undefined) return known;
    const endpoint = this.endpoint(id);
    if (endpoint === undefined || !this.#changes(endpoint)) return this.#network.shape(id, direction);
    const shape = this.shapeFor(endpoint, direction);
    this.#shapes[direction].set(id, shape);
    return shape;
  }

  shapeFor(endpoint: Endpoint, direction: Direction): Shape {
    return shapeOfPolicies(this.#network.shapes, endpoint, direction, this.selecting(endpoint, direction));
  }

  groups(direction: Direction): ReadonlyMap<Shape, BitSet> {
    this.#groups[direction] ??= this.#regroup(direction);
    return this.#groups[direction];
  }

  /** Endpoints of which a policy of the cluster changes the shape, by what it was and what it is. */
  changed(direction: Direction): readonly Reshaped[] {
    return this.#reshapedBy(direction)?.filter(({ before, after }) => before !== after) ?? [];
  }

  region(shape: Shape): Region {
    return this.#network.region(shape);
  }

  /** All traffic of a direction that the old or the new rules of a policy of the cluster could mean; none where there are no rules. */
  traffic(direction: Direction): Traffic | undefined {
    const change = this.#change;
    if (change.type !== "policy") return undefined;
    const rules = [this.#network.policy(change.reference), change.policy].flatMap((policy) => policy?.[direction] ?? []);
    if (rules.length === 0) return undefined;
    const peers = emptyBits(this.universe.words);
    for (const rule of rules) addAll(peers, this.universe.peers(rule.peers).perhaps);
    return { peers, ports: rules.reduce<PortSet>((ports, rule) => unitePorts(ports, possiblePorts(rule.ports)), noPorts) };
  }

  /** Whether some of the traffic is of a kind that one of the rules could mean. */
  isMet({ rules }: SharedRules, traffic: Traffic): boolean {
    return rules.some(
      ({ peers, ports }) =>
        intersectPorts(possiblePorts(ports), traffic.ports).length > 0 &&
        (mayBeAddresses(peers) || bitsMeet(this.universe.peers(peers).perhaps, traffic.peers)),
    );
  }

  portsAt(shape: Shape, id: number): PortSet {
    const changed = this.#endpoints.get(id);
    if (changed === undefined || !this.#tellApart(shape, id, changed)) return this.#network.portsAt(shape, id);
    return shapePorts(shape, shape.example, changed, this.universe.plan, "perhaps");
  }

  /** Whether a shape's rules mean an endpoint otherwise than the one that had its number: most selectors do not read the labels that change. */
  #tellApart(shape: Shape, id: number, changed: Endpoint): boolean {
    const old = this.#network.endpoint(id);
    if (old === undefined) return true;
    const known = this.#toldApart.get(id) ?? new Map<SharedRules, boolean>();
    this.#toldApart.set(id, known);
    return shape.selected.some(({ policy }) => {
      const told =
        known.get(policy) ??
        policy.rules.some(({ peers }) => peersMatch(peers, old, "", this.universe.plan) !== peersMatch(peers, changed, "", this.universe.plan));
      known.set(policy, told);
      return told;
    });
  }

  selecting(endpoint: Endpoint, direction: Direction): Selected<Policy>[] {
    const change = this.#change;
    const own = this.#network.policiesIn(endpoint.namespace).values();
    const cluster = this.#network.clusterPolicies.values();
    if (change.type === "namespace") {
      const more = endpoint.namespace === change.name ? (change.policies ?? []) : [];
      return selectingAmong([own, more, cluster], endpoint, direction);
    }
    const key = policyKey(change.reference);
    const others = [...own, ...cluster].filter(({ reference }) => policyKey(reference) !== key);
    return selectingAmong([others, change.policy === undefined ? [] : [change.policy]], endpoint, direction);
  }

  /** Whether the change could concern what selects an endpoint. */
  #changes({ namespace }: Endpoint): boolean {
    if (this.#change.type === "namespace") return this.#change.name === namespace;
    return this.#change.reference.namespace === "" || this.#change.reference.namespace === namespace;
  }

  #regroup(direction: Direction): ReadonlyMap<Shape, BitSet> {
    const change = this.#change;
    const reshaped = this.#reshapedBy(direction);
    if (reshaped !== undefined) return regrouped(reshaped);
    const name = change.type === "namespace" ? change.name : change.reference.namespace;
    const groups = new Map(this.#network.groups(direction));
    const edited = new Set<Shape>();
    const edit = (shape: Shape, id: number, put: typeof addBit) => {
      if (!edited.has(shape)) groups.set(shape, groups.get(shape)?.slice() ?? emptyBits(this.universe.words));
      edited.add(shape);
      put(groups.get(shape) as BitSet, id);
    };
    for (const id of this.#network.of(name)) edit(this.#network.shape(id, direction), id, removeBit);
    for (const id of this.of(name)) edit(this.shape(id, direction), id, addBit);
    return groups;
  }

  /** All endpoints, where the change is of a policy of the cluster. */
  #reshapedBy(direction: Direction): readonly Reshaped[] | undefined {
    const change = this.#change;
    if (change.type !== "policy" || change.reference.namespace !== "") return undefined;
    this.#reshaped[direction] ??= [...this.#reshapeAll(change.reference, change.policy, direction)];
    return this.#reshaped[direction];
  }

  /** A policy of the cluster: groups are split by how the old one and the new one select them, not endpoint by endpoint. */
  *#reshapeAll(reference: PolicyReference, policy: Policy | undefined, direction: Direction): Iterable<Reshaped> {
    const replaced = this.#network.policy(reference);
    for (const [before, members] of this.#network.groups(direction))
      for (const [old, inOld] of this.#split(members, replaced, direction))
        for (const [next, endpoints] of this.#split(inOld, policy, direction)) {
          const selected = before.selected.slice();
          if (old !== undefined) selected.splice(indexOf(selected, old), 1);
          if (next !== undefined) selected.push(next);
          yield { before, after: this.#network.shapes.shapeOf(direction, selected, before.example), endpoints };
        }
  }

  /** Those that a policy selects, those that it may select, and those that it does not. */
  #split(members: BitSet, policy: Policy | undefined, direction: Direction): (readonly [Selected<SharedRules> | undefined, BitSet])[] {
    const rules = policy === undefined ? undefined : this.#network.shapes.rulesOf(policy, direction);
    if (policy === undefined || rules === undefined) return [[undefined, members]];
    const { sure, perhaps } = this.universe.members(policy.subject);
    if (holdsBits(sure, members)) return [[{ policy: rules, match: "yes" }, members]];
    if (!bitsMeet(perhaps, members)) return [[undefined, members]];
    const parts: (readonly [Selected<SharedRules> | undefined, BitSet])[] = [
      [{ policy: rules, match: "yes" }, bothBits(members, sure)],
      [{ policy: rules, match: "maybe" }, bothBits(withoutBits(members, sure), perhaps)],
      [undefined, withoutBits(members, perhaps)],
    ];
    return parts.filter(([, bits]) => !isEmptyBits(bits));
  }
}

function regrouped(reshaped: readonly Reshaped[]): ReadonlyMap<Shape, BitSet> {
  const groups = new Map<Shape, BitSet>();
  for (const { after, endpoints } of reshaped) {
    const known = groups.get(after);
    groups.set(after, known === undefined ? endpoints : united(known, endpoints));
  }
  return groups;
}

function indexOf(selected: readonly Selected<SharedRules>[], wanted: Selected<SharedRules>): number {
  return selected.findIndex(({ policy, match }) => policy === wanted.policy && match === wanted.match);
}

/** Names may be any port. */
function possiblePorts(ports: readonly PortMatch[] | undefined): PortSet {
  if (ports === undefined) return everyPort;
  return ports.reduce<PortSet>((set, match) => unitePorts(set, "name" in match ? everyPort : match.ports), noPorts);
}

/** Whether peers could be plain addresses: those are not counted in sets of endpoints. */
function mayBeAddresses(peers: readonly Peer[] | undefined): boolean {
  return peers === undefined || peers.some(({ type }) => type !== "pods");
}
