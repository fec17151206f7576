import type { Direction } from "../model/facts.ts";
import type { Labels } from "../model/kubernetes.ts";
import { addBit, type BitSet, emptyBits, hasBit, isEmptyBits, removeBit } from "./bit-set.ts";
import type { Selected } from "./decide.ts";
import { type AddressPlan, type Endpoint, podMatch } from "./endpoint.ts";
import type { Policy, PolicyReference } from "./policy.ts";
import { holdsPorts, noPorts, type PortSet, samePorts, unitePorts } from "./port-set.ts";
import { type Region, regionOf, type Shape, Shapes, type SharedRules, shapePorts } from "./shape.ts";
import { Universe } from "./universe.ts";
import type { View } from "./view.ts";

/** The endpoints that stand for a namespace: its workloads as they are, or the pods that could be in it. */
export type Population = (namespace: string, labels: Labels) => readonly Endpoint[];

export const directions: readonly Direction[] = ["ingress", "egress"];

const noPolicies: ReadonlyMap<string, Policy> = new Map();

/**
 * A live model of what policies let reach what. Policies and namespaces are put and removed one at a time; what follows from
 * them is computed when it is asked for, and kept until something that it rests on changes.
 */
export class Network implements View {
  readonly universe: Universe;
  readonly #population: Population;
  readonly #shapes = new Shapes();
  readonly #labels = new Map<string, Labels>();
  readonly #ofNamespace = new Map<string, Map<string, Policy>>();
  readonly #ofCluster = new Map<string, Policy>();
  readonly #regions = new Map<Shape, Region>();
  readonly #shapeOf: Record<Direction, (Shape | undefined)[]> = { ingress: [], egress: [] };
  readonly #groups: Record<Direction, Map<Shape, BitSet>> = { ingress: new Map(), egress: new Map() };
  /** Endpoints whose shapes are to be found again. */
  readonly #dirty = new Set<number>();

  constructor(plan: AddressPlan, population: Population) {
    this.universe = new Universe(plan);
    this.#population = population;
  }

  /** Forgets what changes that were only asked about brought along, once that is as much as what is in use. Nothing may be asked about meanwhile. */
  tidy(): void {
    const used = this.#groups.ingress.size + this.#groups.egress.size;
    if (Math.max(this.#shapes.size, this.#regions.size) > 2 * used + 1000) this.#forgetUnused();
  }

  labels(namespace: string): Labels | undefined {
    return this.#labels.get(namespace);
  }

  get namespaces(): ReadonlyMap<string, Labels> {
    return this.#labels;
  }

  setNamespace(name: string, labels: Labels): void {
    this.#labels.set(name, labels);
    this.#populate(name, this.#population(name, labels));
  }

  removeNamespace(name: string): void {
    this.#labels.delete(name);
    this.#populate(name, []);
  }

  /** What the population says has changed: its namespaces are asked for again. */
  repopulate(): void {
    for (const [name, labels] of this.#labels) this.setNamespace(name, labels);
  }

  setPolicy(policy: Policy): void {
    this.#policiesOf(policy.reference).set(policyKey(policy.reference), policy);
    this.#touch(policy.reference);
  }

  removePolicy(reference: PolicyReference): void {
    const { namespace } = reference;
    const policies = namespace === "" ? this.#ofCluster : this.#ofNamespace.get(namespace);
    if (policies?.delete(policyKey(reference)) !== true) return;
    if (policies.size === 0 && namespace !== "") this.#ofNamespace.delete(namespace);
    this.#touch(reference);
  }

  policy(reference: PolicyReference): Policy | undefined {
    const policies = reference.namespace === "" ? this.#ofCluster : this.#ofNamespace.get(reference.namespace);
    return policies?.get(policyKey(reference));
  }

  policiesIn(namespace: string): ReadonlyMap<string, Policy> {
    return this.#ofNamespace.get(namespace) ?? noPolicies;
  }

  get clusterPolicies(): ReadonlyMap<string, Policy> {
    return this.#ofCluster;
  }

  get shapes(): Shapes {
    return this.#shapes;
  }

  population(namespace: string, labels: Labels): readonly Endpoint[] {
    return this.#population(namespace, labels);
  }

  of(namespace: string): readonly number[] {
    return this.universe.of(namespace);
  }

  endpoint(id: number): Endpoint | undefined {
    return this.universe.endpoint(id);
  }

  shape(id: number, direction: Direction): Shape {
    this.#settle();
    return this.#shapeOf[direction][id] as Shape;
  }

  shapeFor(endpoint: Endpoint, direction: Direction): Shape {
    return shapeOfPolicies(this.#shapes, endpoint, direction, this.selecting(endpoint, direction));
  }

  groups(direction: Direction): ReadonlyMap<Shape, BitSet> {
    this.#settle();
    return this.#groups[direction];
  }

  region(shape: Shape): Region {
    const known = this.#regions.get(shape);
    if (known !== undefined) return known;
    const region = regionOf(shape, this.universe, "perhaps");
    this.#regions.set(shape, region);
    return region;
  }

  portsAt(shape: Shape, id: number): PortSet {
    let ports = noPorts;
    for (const piece of this.region(shape).pieces) if (hasBit(piece.peers, id)) ports = unitePorts(ports, piece.ports);
    return ports;
  }

  selecting(endpoint: Endpoint, direction: Direction): Selected<Policy>[] {
    return selectingAmong([this.policiesIn(endpoint.namespace).values(), this.#ofCluster.values()], endpoint, direction);
  }

  #policiesOf({ namespace }: PolicyReference): Map<string, Policy> {
    if (namespace === "") return this.#ofCluster;
    const known = this.#ofNamespace.get(namespace) ?? new Map<string, Policy>();
    this.#ofNamespace.set(namespace, known);
    return known;
  }

  #touch({ namespace }: PolicyReference): void {
    const names = namespace === "" ? this.universe.namespaces() : [namespace];
    for (const name of names) for (const id of this.universe.of(name)) this.#dirty.add(id);
  }

  #populate(name: string, endpoints: readonly Endpoint[]): void {
    const before = this.universe.of(name);
    for (const id of before) this.#unplace(id);
    if (this.universe.put(name, endpoints)) this.#forgetSizes();
    const after = this.universe.of(name);
    for (const id of new Set([...before, ...after])) this.#patch(id);
    for (const id of after) this.#dirty.add(id);
  }

  /** Sets made before are too short now: all is to be found again. */
  #forgetSizes(): void {
    this.#regions.clear();
    for (const direction of directions) {
      this.#groups[direction].clear();
      this.#shapeOf[direction].length = 0;
    }
    for (const name of this.universe.namespaces()) for (const id of this.universe.of(name)) this.#dirty.add(id);
  }

  /** Whether each known region holds one endpoint, once its labels changed. */
  #patch(id: number): void {
    const endpoint = this.universe.endpoint(id);
    for (const [shape, { pieces }] of this.#regions) {
      // A piece that held nobody was left out: one that would hold this endpoint alone is not there to be marked.
      const ports = endpoint === undefined ? noPorts : shapePorts(shape, shape.example, endpoint, this.universe.plan, "perhaps");
      if (!isCovered(ports, pieces, (piece, meets) => (meets ? addBit(piece.peers, id) : removeBit(piece.peers, id)))) this.#regions.delete(shape);
    }
  }

  #settle(): void {
    if (this.#dirty.size === 0) return;
    for (const id of this.#dirty) {
      this.#unplace(id);
      const endpoint = this.universe.endpoint(id);
      if (endpoint !== undefined) for (const direction of directions) this.#place(id, endpoint, direction);
    }
    this.#dirty.clear();
  }

  #place(id: number, endpoint: Endpoint, direction: Direction): void {
    const shape = this.shapeFor(endpoint, direction);
    this.#shapeOf[direction][id] = shape;
    const group = this.#groups[direction].get(shape) ?? emptyBits(this.universe.words);
    addBit(group, id);
    this.#groups[direction].set(shape, group);
  }

  #unplace(id: number): void {
    this.#dirty.delete(id);
    for (const direction of directions) {
      const shape = this.#shapeOf[direction][id];
      if (shape === undefined) continue;
      this.#shapeOf[direction][id] = undefined;
      const group = this.#groups[direction].get(shape);
      if (group === undefined) continue;
      removeBit(group, id);
      if (isEmptyBits(group)) this.#groups[direction].delete(shape);
    }
  }

  #forgetUnused(): void {
    const used = new Set([...this.#groups.ingress.keys(), ...this.#groups.egress.keys()]);
    for (const shape of this.#regions.keys()) if (!used.has(shape)) this.#regions.delete(shape);
    this.#shapes.keepOnly(used);
  }
}

export function policyKey({ kind, namespace, name }: PolicyReference): string {
  return `${kind}/${namespace}/${name}`;
}

/** The policies that select an endpoint, or may, out of several lists. */
export function selectingAmong(lists: readonly Iterable<Policy>[], endpoint: Endpoint, direction: Direction): Selected<Policy>[] {
  const selected: Selected<Policy>[] = [];
  for (const policies of lists)
    for (const policy of policies) {
      if (policy[direction] === undefined) continue;
      const match = podMatch(policy.subject, endpoint, policy.reference.namespace);
      if (match !== "no") selected.push({ policy, match });
    }
  return selected;
}

export function shapeOfPolicies(shapes: Shapes, endpoint: Endpoint, direction: Direction, selected: readonly Selected<Policy>[]): Shape {
  const shared = selected.map(({ policy, match }): Selected<SharedRules> => ({ policy: shapes.rulesOf(policy, direction) as SharedRules, match }));
  return shapes.shapeOf(direction, shared, endpoint);
}

/** Tells of each piece whether it lies in the ports; false where the ports reach beyond all pieces, or lie across one. */
function isCovered(ports: PortSet, pieces: Region["pieces"], tell: (piece: Region["pieces"][number], meets: boolean) => void): boolean {
  let covered = noPorts;
  for (const piece of pieces) {
    const meets = holdsPorts(ports, piece.ports);
    if (meets) covered = unitePorts(covered, piece.ports);
    tell(piece, meets);
  }
  return samePorts(covered, ports);
}
