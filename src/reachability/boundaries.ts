import type { Direction } from "../model/facts.ts";
import {
  type Boundaries,
  type ContractPort,
  type ContractSide,
  contractPhase,
  type DomainType,
  type Guard,
  type RecordedContract,
  type SecurityDomainSpec,
} from "../model/security-domain.ts";
import { addressesOf } from "./addresses.ts";
import { addBit, type BitSet, bitsMeet, bothBits, emptyBits, hasBit, holdsBits, isEmptyBits, removeBit, withoutBits } from "./bit-set.ts";
import type { Flows } from "./effect.ts";
import {
  type AddressFlow,
  endsAt,
  type Flow,
  flowAt,
  isAddressFlow,
  mergeFlows,
  subtractAddressFlows,
  subtractFlows,
  subtractFromAddressFlow,
} from "./flow.ts";
import type { Addresses } from "./policy.ts";
import { isMember, type PossiblePods } from "./population.ts";
import { everyPort, isProtocol, noPorts, type PortSet, portsOf, unitePorts } from "./port-set.ts";
import type { View } from "./view.ts";

/** A flow across the boundary of a domain that no live contract carries. */
export interface Crossing {
  readonly domain: string;
  readonly spec: SecurityDomainSpec;
  /** Seen from the domain: into it, or out of it. */
  readonly direction: Direction;
  readonly guard: Exclude<Guard, "none">;
  readonly flow: Flow | AddressFlow;
}

interface PlacedDomain {
  readonly name: string;
  readonly spec: SecurityDomainSpec;
  /** The domain and all that it holds: their members are its own. */
  readonly lineage: Boundaries["domains"];
  readonly members: BitSet;
  readonly guards: Readonly<Record<Direction, Guard>>;
}

interface PlacedContract {
  readonly contract: RecordedContract;
  readonly ports: PortSet;
  /** Blocks of a side that is an External domain. */
  readonly addresses: Readonly<Record<ContractSide, Addresses | undefined>>;
}

/** Who belongs where in a cluster, and which contracts carry what. Kept while domains and contracts stay the same. */
export class BoundaryMap {
  readonly #domains: ReadonlyMap<string, PlacedDomain>;
  readonly #contracts: readonly PlacedContract[];
  readonly #enforced: BitSet;

  private constructor(domains: readonly PlacedDomain[], contracts: readonly PlacedContract[], enforced: BitSet) {
    this.#domains = new Map(domains.map((domain) => [domain.name, domain]));
    this.#contracts = contracts;
    this.#enforced = enforced;
  }

  static of(view: View, namespaces: Iterable<string>, { domains, contracts }: Boundaries): BoundaryMap {
    const { words } = view.universe;
    const placed = domains.map(({ name, spec }) => ({
      name,
      spec,
      lineage: domains.filter((domain) => isWithin(domain.name, name, domains)),
      members: emptyBits(words),
      guards: { ingress: guardOf(spec, "ingress"), egress: guardOf(spec, "egress") },
    }));
    const blocks = (name: string) => {
      const spec = domains.find((domain) => domain.name === name)?.spec;
      return spec?.type === "External" ? addressesOf(spec.cidrs ?? []) : undefined;
    };
    const carried = contracts.map((contract) => ({
      contract,
      ports: contractPorts(contract.spec.ports),
      addresses: { from: blocks(contract.spec.from), to: blocks(contract.spec.to) },
    }));
    const map = new BoundaryMap(placed, carried, emptyBits(words));
    for (const namespace of namespaces) map.place(view, view.of(namespace));
    return map;
  }

  /** Finds again where some endpoints belong. Those that the view does not have belong nowhere. */
  place(view: View, ids: Iterable<number>): void {
    for (const id of ids) {
      const endpoint = view.endpoint(id) as PossiblePods | undefined;
      setBit(this.#enforced, id, endpoint?.enforced === true);
      for (const { lineage, members } of this.#domains.values())
        setBit(members, id, endpoint !== undefined && lineage.some(({ name, spec }) => isMember(name, spec, endpoint)));
    }
  }

  /** The same for a view in which some endpoints are others. */
  moved(view: View, ids: Iterable<number>): BoundaryMap {
    const domains = [...this.#domains.values()].map((domain) => ({ ...domain, members: domain.members.slice() }));
    const copy = new BoundaryMap(domains, this.#contracts, this.#enforced.slice());
    copy.place(view, ids);
    return copy;
  }

  /** Whether something is guarded, so that a change that cannot be understood may break it. */
  get guards(): boolean {
    return [...this.#domains.values()].some((domain) => guardsSomething(domain) && !isEmptyBits(this.#guardedOf(domain)));
  }

  domain(name: string): SecurityDomainSpec | undefined {
    return this.#domains.get(name)?.spec;
  }

  /** The domains that hold all of some endpoints. */
  domainsOf(endpoints: BitSet): string[] {
    return [...this.#domains.values()].filter(({ members }) => holdsBits(members, endpoints)).map(({ name }) => name);
  }

  /** The domains that hold one or more of some endpoints. */
  domainsWith(ids: readonly number[]): ReadonlySet<string> {
    return new Set([...this.#domains.values()].filter(({ members }) => ids.some((id) => hasBit(members, id))).map(({ name }) => name));
  }

  /** Tenants that hold the same endpoint and do not hold each other; none where there is one at most. */
  tenantsOf(ids: readonly number[]): string[] {
    const all = [...this.#domains.values()].filter(({ spec }) => spec.type === "Tenant");
    const found = ids.flatMap((id) => all.filter(({ members }) => hasBit(members, id)).map(({ name, lineage }) => ({ id, name, lineage })));
    const conflicting = found.filter((one) =>
      found.some(
        (other) =>
          other.id === one.id &&
          other.name !== one.name &&
          !one.lineage.some(({ name }) => name === other.name) &&
          !other.lineage.some(({ name }) => name === one.name),
      ),
    );
    return [...new Set(conflicting.map(({ name }) => name))].sort();
  }

  /** The domains of a type that hold some of the endpoints. */
  domainsAmong(endpoints: BitSet, type: DomainType): string[] {
    return [...this.#domains.values()].filter(({ spec, members }) => spec.type === type && bitsMeet(endpoints, members)).map(({ name }) => name);
  }

  /** What of some flows crosses a guarded boundary without a contract that is live now. */
  crossings({ flows, addresses }: Flows, now: Date): Crossing[] {
    const live = this.#contracts.filter(({ contract }) => contractPhase(contract, now) === "Active");
    const carried = live.map(({ contract, ports }) => ({ from: this.#membersOf(contract.spec.from), to: this.#membersOf(contract.spec.to), ports }));
    const found: Crossing[] = [];
    for (const domain of this.#domains.values()) {
      if (!guardsSomething(domain)) continue;
      for (const flow of flows) found.push(...this.#crossingsOf(domain, flow, carried));
      for (const flow of addresses) found.push(...this.#addressCrossings(domain, flow, live));
    }
    return found;
  }

  *#crossingsOf(domain: PlacedDomain, flow: Flow, carried: readonly Flow[]): Iterable<Crossing> {
    const { name, spec, members, guards } = domain;
    if (!bitsMeet(flow.to, members) && !bitsMeet(flow.from, members)) return;
    const guarded = this.#guardedOf(domain);
    for (const direction of ["ingress", "egress"] as const) {
      const guard = guards[direction];
      const [near, far] = endsAt(direction, flow);
      if (guard === "none" || !bitsMeet(near, guarded)) continue;
      const [inside, outside] = [bothBits(near, guarded), withoutBits(far, members)];
      if (isEmptyBits(outside)) continue;
      const crossing = flowAt(direction, inside, outside, flow.ports);
      for (const rest of mergeFlows(subtractFlows([crossing], carried))) yield { domain: name, spec, direction, guard, flow: rest };
    }
  }

  *#addressCrossings(domain: PlacedDomain, flow: AddressFlow, live: readonly PlacedContract[]): Iterable<Crossing> {
    const { name, spec, guards } = domain;
    const direction: Direction = flow.side === "from" ? "ingress" : "egress";
    const guard = guards[direction];
    if (guard === "none" || !bitsMeet(flow.endpoints, domain.members)) return;
    const guarded = this.#guardedOf(domain);
    // Between Tenants that nobody declared a guard for, addresses are a matter of the rules about addresses.
    if ((spec.guard === undefined && spec.type === "Tenant") || !bitsMeet(flow.endpoints, guarded)) return;
    let rest: AddressFlow[] = [{ ...flow, endpoints: bothBits(flow.endpoints, guarded) }];
    for (const { contract, ports, addresses } of live) {
      const endpoints = this.#membersOf(flow.side === "from" ? contract.spec.to : contract.spec.from);
      const carried = addresses[flow.side];
      if (carried !== undefined) rest = rest.flatMap((part) => withoutContract(part, endpoints, { ports, addresses: carried }));
    }
    for (const left of rest) yield { domain: name, spec, direction, guard, flow: left };
  }

  /** The part of a domain's members to which its guard applies: a Tenant that says nothing is guarded where namespaces are enforced. */
  #guardedOf({ spec, members }: PlacedDomain): BitSet {
    return spec.guard === undefined && spec.type === "Tenant" ? bothBits(members, this.#enforced) : members;
  }

  #membersOf(name: string): BitSet {
    return this.#domains.get(name)?.members ?? emptyBits(this.#enforced.length);
  }
}

/** Whether a domain is another one or is held by it, directly or through others. */
function isWithin(name: string, other: string, domains: Boundaries["domains"]): boolean {
  const seen = new Set<string>();
  let at: string | undefined = name;
  while (at !== undefined && at !== other && !seen.has(at)) {
    seen.add(at);
    at = domains.find((domain) => domain.name === at)?.spec.parent;
  }
  return at === other;
}

function guardsSomething({ guards }: PlacedDomain): boolean {
  return guards.ingress !== "none" || guards.egress !== "none";
}

/** What crosses after a change and did not before: the same flows of the same boundary are taken off. */
export function newCrossings(after: readonly Crossing[], before: readonly Crossing[]): Crossing[] {
  return after.flatMap((crossing): Crossing[] => {
    const { flow } = crossing;
    const same = before.filter(({ domain, direction }) => domain === crossing.domain && direction === crossing.direction).map((each) => each.flow);
    if (isAddressFlow(flow)) return subtractAddressFlows([flow], same.filter(isAddressFlow)).map((rest) => ({ ...crossing, flow: rest }));
    const known = same.filter((each): each is Flow => !isAddressFlow(each));
    return subtractFlows([flow], known).map((rest) => ({ ...crossing, flow: rest }));
  });
}

function withoutContract(flow: AddressFlow, endpoints: BitSet, carried: { readonly ports: PortSet; readonly addresses: Addresses }): AddressFlow[] {
  if (!bitsMeet(flow.endpoints, endpoints)) return [flow];
  const outside = withoutBits(flow.endpoints, endpoints);
  const rest = subtractFromAddressFlow({ ...flow, endpoints: bothBits(flow.endpoints, endpoints) }, carried);
  return isEmptyBits(outside) ? rest : [{ ...flow, endpoints: outside }, ...rest];
}

/** Nothing is guarded until somebody says so, except Tenants. */
function guardOf({ guard, type }: SecurityDomainSpec, direction: Direction): Guard {
  if (guard === undefined) return type === "Tenant" ? "deny" : "none";
  return guard[direction] ?? "none";
}

function contractPorts(ports: readonly ContractPort[] | undefined): PortSet {
  if (ports === undefined) return everyPort;
  return ports.reduce<PortSet>((set, { protocol = "TCP", port, endPort }) => {
    if (!isProtocol(protocol)) return set;
    return unitePorts(set, port === undefined ? portsOf(protocol) : portsOf(protocol, port, endPort ?? port));
  }, noPorts);
}

function setBit(bits: BitSet, id: number, value: boolean): void {
  if (value) addBit(bits, id);
  else removeBit(bits, id);
}
