import type { Direction } from "../model/facts.ts";
import type { DomainOwner, DomainType } from "../model/security-domain.ts";
import { addressClasses, cidrsOf } from "./address-class.ts";
import { everyAddress, isNoAddress, subtractAddresses } from "./addresses.ts";
import { type BitSet, countBits, emptyBits, membersOf } from "./bit-set.ts";
import type { BoundaryMap, Crossing } from "./boundaries.ts";
import { stagesOf } from "./decide.ts";
import { addressEndpoint, type Endpoint } from "./endpoint.ts";
import { type AddressFlow, type Flow, isAddressFlow } from "./flow.ts";
import { directed, namespaceOf, portsBetween } from "./pair.ts";
import type { Action, Addresses, PolicyReference } from "./policy.ts";
import type { PossiblePods } from "./population.ts";
import { holdsPorts, intersectPorts, type PortRange, type PortSet, portRanges, portWords } from "./port-set.ts";
import { pairMatcher } from "./shape.ts";
import type { View } from "./view.ts";

/** One end of a flow as rules and people read it. */
export interface DescribedEnd {
  readonly kind: "pods" | "addresses";
  /** The first few namespaces; `namespaceCount` says how many there are. */
  readonly namespaces: readonly string[];
  readonly namespaceCount: number;
  readonly everyNamespace: boolean;
  /** The domains that hold all of it. */
  readonly domains: readonly string[];
  /** Workloads that run, where the flow is of one of them. */
  readonly workloads: readonly string[];
  /** The first few blocks of plain addresses, and what they are for. */
  readonly cidrs: readonly string[];
  readonly classes: readonly string[];
  readonly everyAddress: boolean;
  /** `payments`, `any namespace`, `8.8.8.8/32 (public)`. */
  readonly words: string;
}

export interface DescribedFlow {
  readonly from: DescribedEnd;
  readonly to: DescribedEnd;
  readonly ports: readonly PortRange[];
  /** `tcp/5432` */
  readonly portWords: string;
  /** `certain`: it is so whatever is not known. `possible`: of pods that could be, or as far as is known. */
  readonly certainty: "certain" | "possible";
  /** The rules that let it through; none where nothing isolates an end. */
  readonly policies: readonly (PolicyReference & { readonly path: string })[];
  /** `payments from any namespace on tcp/5432` */
  readonly words: string;
}

export interface DescribedCrossing extends DescribedFlow {
  readonly domain: string;
  readonly type: DomainType;
  readonly direction: Direction;
  readonly guard: "warn" | "deny";
  readonly owners: readonly DomainOwner[];
  /** The domains of the same type at the other end. */
  readonly others: readonly string[];
}

const fewNamespaces = 5;
/** Beyond so many, ends are counted and not looked at one by one. */
const manyEndpoints = 500;
const fewCidrs = 4;
const fewPolicies = 6;

/** Puts flows of one view into words. */
export class Describer {
  readonly #view: View;
  readonly #map: BoundaryMap;
  readonly #namespaceCount: number;

  constructor(view: View, map: BoundaryMap, namespaceCount: number) {
    this.#view = view;
    this.#map = map;
    this.#namespaceCount = namespaceCount;
  }

  /** @param workload the name of the workload at the end that the change concerns, where the flow is of it alone. */
  flow(flow: Flow | AddressFlow, workload?: { readonly namespace: string; readonly name: string }): DescribedFlow {
    const [from, to] = isAddressFlow(flow) ? this.#addressEnds(flow) : [this.#pods(flow.from), this.#pods(flow.to)];
    const own = (end: DescribedEnd): DescribedEnd =>
      workload !== undefined && end.namespaces.length === 1 && end.namespaces[0] === workload.namespace
        ? { ...end, workloads: [workload.name], words: `${workload.namespace}/${workload.name}` }
        : end;
    const ends = { from: own(from), to: own(to) };
    const { certain, policies } = this.#why(flow);
    return {
      ...ends,
      ports: portRanges(flow.ports),
      portWords: portWords(flow.ports),
      certainty: certain ? "certain" : "possible",
      policies,
      words: `${ends.to.words} from ${ends.from.words} on ${portWords(flow.ports)}`,
    };
  }

  /** The rules that deny some of a flow in this view, of one pair that has it. */
  denials(flow: Flow | AddressFlow): DescribedFlow["policies"] {
    const [from, to] = this.#pair(flow);
    if (from === undefined || to === undefined) return [];
    return [...this.#rules("egress", from, to, flow.ports, "deny"), ...this.#rules("ingress", to, from, flow.ports, "deny")].slice(0, fewPolicies);
  }

  crossing({ domain, spec, direction, guard, flow }: Crossing): DescribedCrossing {
    const other = isAddressFlow(flow) ? emptyBits(this.#view.universe.words) : direction === "ingress" ? flow.from : flow.to;
    const others = this.#map.domainsAmong(other, spec.type).filter((name) => name !== domain);
    return { ...this.flow(flow), domain, type: spec.type, direction, guard, owners: spec.owners ?? [], others };
  }

  #addressEnds(flow: AddressFlow): readonly [DescribedEnd, DescribedEnd] {
    const [addresses, pods] = [addressEnd(flow.addresses), this.#pods(flow.endpoints)];
    return flow.side === "from" ? [addresses, pods] : [pods, addresses];
  }

  #pods(endpoints: BitSet): DescribedEnd {
    const count = countBits(endpoints);
    const ends = membersOf(endpoints, manyEndpoints).flatMap((id) => (this.#view.endpoint(id) as PossiblePods | undefined) ?? []);
    const namespaces = [...new Set(ends.map(({ namespace }) => namespace))].sort();
    const selected = new Set(ends.flatMap(({ domain }) => domain ?? []));
    // Of very many, those that stand for members of a domain are counted too.
    const namespaceCount = count > manyEndpoints ? Math.min(count, this.#namespaceCount) : namespaces.length;
    const everyNamespace = namespaceCount > 1 && namespaceCount >= this.#namespaceCount - 1;
    const some = namespaces.slice(0, fewNamespaces);
    const more = namespaceCount - some.length;
    const which = selected.size > 0 && selected.size === count ? `${[...selected].sort().join(", ")} in ` : "";
    return {
      kind: "pods",
      namespaces: some,
      namespaceCount,
      everyNamespace,
      domains: this.#map.domainsOf(endpoints),
      workloads: [],
      cidrs: [],
      classes: [],
      everyAddress: false,
      words: which + (everyNamespace ? "any namespace" : some.join(", ") + (more > 0 ? ` and ${more} more namespaces` : "")),
    };
  }

  /** Asked of one pair that the flow has: what lets it through, and whether it surely does. */
  #why(flow: Flow | AddressFlow): { certain: boolean; policies: DescribedFlow["policies"] } {
    const [from, to] = this.#pair(flow);
    if (from === undefined || to === undefined) return { certain: false, policies: [] };
    const policies = [...this.#rules("egress", from, to, flow.ports, "allow"), ...this.#rules("ingress", to, from, flow.ports, "allow")];
    return { certain: holdsPorts(portsBetween(this.#view, from, to, "sure"), flow.ports), policies: policies.slice(0, fewPolicies) };
  }

  #pair(flow: Flow | AddressFlow): readonly (Endpoint | undefined)[] {
    if (!isAddressFlow(flow)) return [this.#first(flow.from), this.#first(flow.to)];
    const { side, addresses, endpoints } = flow;
    const outside = addressEndpoint(addresses);
    const inside = this.#first(endpoints);
    return side === "from" ? [outside, inside] : [inside, outside];
  }

  #first(bits: BitSet): Endpoint | undefined {
    const [id] = membersOf(bits, 1);
    return id === undefined ? undefined : this.#view.endpoint(id);
  }

  *#rules(direction: Direction, subject: Endpoint, peer: Endpoint, ports: PortSet, action: Action): Iterable<DescribedFlow["policies"][number]> {
    if (subject.kind !== "pod") return;
    const matched = pairMatcher(direction, { subject, peer, plan: this.#view.universe.plan, namespaceOf });
    for (const { groups } of stagesOf(directed(this.#view.selecting(subject, direction), direction)))
      for (const { policy } of groups.flat())
        for (const rule of policy.rules)
          if (rule.action === action && intersectPorts(matched(policy, rule).perhaps, ports).length > 0) yield { ...policy.policy.reference, path: rule.path };
  }
}

function addressEnd(addresses: Addresses): DescribedEnd {
  const said = sayAddresses(addresses);
  return {
    kind: "addresses",
    namespaces: [],
    namespaceCount: 0,
    everyNamespace: false,
    domains: [],
    workloads: [],
    cidrs: said.cidrs.slice(0, fewCidrs),
    classes: said.classes,
    everyAddress: said.everything,
    words: addressWords(said),
  };
}

/** `any address`, `8.8.8.8/32 (public)`. */
export function describeAddresses(addresses: Addresses): string {
  return addressWords(sayAddresses(addresses));
}

/** The first few blocks, one more where there are more. */
function sayAddresses(addresses: Addresses) {
  const everything = isNoAddress(subtractAddresses(everyAddress, addresses));
  return { everything, cidrs: cidrsOf(addresses, fewCidrs + 1), classes: addressClasses(addresses) };
}

function addressWords({ everything, cidrs, classes }: ReturnType<typeof sayAddresses>): string {
  if (everything) return "any address";
  const listed = cidrs.slice(0, fewCidrs).join(", ") + (cidrs.length > fewCidrs ? " and more" : "");
  return `${listed} (${classes.slice(0, 3).join(", ")})`;
}
