import type { ReachEnd, ReachLine } from "../model/reachability.ts";
import { cidrsOf, unannouncedAddresses } from "./address-class.ts";
import { everyAddress, isNoAddress, subtractAddresses } from "./addresses.ts";
import { hasBit } from "./bit-set.ts";
import { describeAddresses } from "./describe.ts";
import { type AddressPlan, type Endpoint, matchedPorts } from "./endpoint.ts";
import type { Entry } from "./entries/entry.ts";
import { endpointOfWorkload, type Inventory, type InventoryWorkload } from "./inventory.ts";
import { certainLabels, selectorMatch } from "./match.ts";
import { Network } from "./network.ts";
import { portsBetween } from "./pair.ts";
import type { Addresses } from "./policy.ts";
import { holdsPorts, intersectPorts, noPorts, type PortSet, portRanges, subtractPorts, unitePorts } from "./port-set.ts";

export interface Connection {
  readonly src: ReachEnd;
  readonly dst: ReachEnd;
  readonly ports: PortSet;
  /** The addresses of an end that is External. */
  readonly addresses?: Addresses;
  /** Not certain: it rests on something that nobody knows, an address or the order of two policies of one priority. */
  readonly possible?: true;
}

/** A network of the workloads of an inventory, and which endpoint is which. */
export interface ConcreteNetwork {
  readonly network: Network;
  readonly workloads: ReadonlyMap<number, InventoryWorkload>;
}

export const unannounced: AddressPlan = { pods: unannouncedAddresses, nodes: unannouncedAddresses };

export function concreteNetwork({ namespaces, policies, workloads }: Inventory, plan: AddressPlan = unannounced): ConcreteNetwork {
  const byNamespace = Map.groupBy(workloads, ({ namespace }) => namespace);
  const network = new Network(plan, (name, labels) => (byNamespace.get(name) ?? []).map((workload) => endpointOfWorkload(workload, labels)));
  for (const [name, labels] of namespaces) network.setNamespace(name, labels);
  for (const policy of policies) network.setPolicy(policy);
  const numbered = new Map<number, InventoryWorkload>();
  for (const [name, own] of byNamespace) for (const [index, id] of network.of(name).entries()) numbered.set(id, own[index] as InventoryWorkload);
  return { network, workloads: numbered };
}

/** Everything that reaches something: workloads each other, plain addresses workloads and the reverse, and ways in the pods behind them. */
export function* reach({ network, workloads }: ConcreteNetwork, entries: readonly Entry[] = []): Iterable<Connection> {
  for (const [id, workload] of workloads) yield* outside(network, id, workload);
  for (const [from, workload] of workloads) yield* connectionsOf(network, workloads, from, workload);
  for (const entry of entries) yield* entryConnections(network, workloads, entry);
}

/** A connection as it is printed. */
export function lineOf({ src, dst, ports, possible }: Connection): ReachLine {
  return { src, dst, allowed: portRanges(ports), ...(possible === undefined ? {} : { possible }) };
}

function endOf({ kind, namespace, name }: InventoryWorkload): ReachEnd {
  return { kind, namespace, name, cidrs: [] };
}

function* connectionsOf(network: Network, workloads: ConcreteNetwork["workloads"], from: number, workload: InventoryWorkload): Iterable<Connection> {
  const source = network.endpoint(from) as Endpoint;
  for (const to of candidates(network, workloads, from)) {
    const other = workloads.get(to) as InventoryWorkload;
    // One pod reaches itself without the network; the pods of one workload reach each other over it.
    if (from === to && workload.kind !== "Workload") continue;
    const target = network.endpoint(to) as Endpoint;
    const sure = portsBetween(network, source, target, "sure");
    // Nobody knows which pods a node runs, and those it always reaches.
    const perhaps = source.kind === "host" ? sure : portsBetween(network, source, target, "perhaps");
    if (perhaps.length > 0) yield connection(endOf(workload), endOf(other), perhaps, sure);
  }
}

/** Those that a workload may reach by its own policies, and all where it has none. */
function* candidates(network: Network, workloads: ConcreteNetwork["workloads"], from: number): Iterable<number> {
  const source = network.endpoint(from) as Endpoint;
  const open = source.kind === "pod" ? network.region(network.shape(from, "egress")).pieces : undefined;
  for (const to of workloads.keys()) {
    const within = network.endpoint(to)?.namespace === source.namespace;
    if (within || open === undefined || open.some(({ peers }) => hasBit(peers, to))) yield to;
  }
}

function* outside(network: Network, id: number, workload: InventoryWorkload): Iterable<Connection> {
  if (workload.hostNetwork) return;
  for (const direction of ["ingress", "egress"] as const)
    for (const { ports, addresses } of joined(network.region(network.shape(id, direction)).addresses)) {
      const [own, other] = [endOf(workload), externalEnd(addresses)];
      yield { ...(direction === "ingress" ? connection(other, own, ports, ports) : connection(own, other, ports, ports)), addresses };
    }
}

/** Ports on which the same addresses are open, together. */
function joined(pieces: readonly { readonly ports: PortSet; readonly addresses: Addresses }[]) {
  const same = Map.groupBy(pieces, ({ addresses }) => cidrsOf(addresses).join());
  return [...same.values()].map((group) => ({
    addresses: (group[0] as (typeof group)[number]).addresses,
    ports: group.reduce<PortSet>((ports, piece) => unitePorts(ports, piece.ports), noPorts),
  }));
}

function externalEnd(addresses: Addresses): ReachEnd {
  const everything = isNoAddress(subtractAddresses(everyAddress, addresses));
  return { kind: "External", namespace: "", name: describeAddresses(addresses), cidrs: everything ? ["0.0.0.0/0", "::/0"] : cidrsOf(addresses) };
}

/** A way in reaches the pods behind it on the ports on which they let in whoever comes that way. */
function* entryConnections(network: Network, workloads: ConcreteNetwork["workloads"], entry: Entry): Iterable<Connection> {
  for (const [id, workload] of workloads) {
    const { namespace, selector } = entry.pods;
    if (workload.namespace !== namespace || selectorMatch(selector, certainLabels(workload.labels)) !== "yes") continue;
    const wanted = matchedPorts(entry.ports, network.endpoint(id) as Endpoint).perhaps;
    const ports = intersectPorts(wanted, admitted(network, id, workload, entry.through));
    const end = { kind: entry.kind, namespace: entry.namespace, name: entry.name, cidrs: [] };
    // Which pods the proxy runs in is not known: that it may come in is possible, no more.
    if (ports.length > 0) yield connection(end, endOf(workload), ports, entry.through === "addresses" ? ports : noPorts);
  }
}

function admitted(network: Network, id: number, { hostNetwork }: InventoryWorkload, through: Entry["through"]): PortSet {
  const shape = network.shape(id, "ingress");
  const region = network.region(hostNetwork ? { ...shape, key: "", selected: [], stages: [] } : shape);
  const open = through === "addresses" ? region.addresses : [...region.addresses, ...region.pieces];
  return open.reduce<PortSet>((ports, piece) => unitePorts(ports, piece.ports), noPorts);
}

function connection(src: ReachEnd, dst: ReachEnd, perhaps: PortSet, sure: PortSet): Connection {
  return { src, dst, ports: perhaps, ...(holdsPorts(sure, perhaps) ? {} : { possible: true as const }) };
}

/** The connections of one network that another one does not have: port by port, and address by address. */
export function connectionsOnlyIn(one: Iterable<Connection>, other: Iterable<Connection>): Connection[] {
  const known = Map.groupBy(other, endsKey);
  return [...one].flatMap((each) => {
    const same = known.get(endsKey(each)) ?? [];
    if (each.addresses === undefined)
      return leftOf(
        each,
        same.reduce<PortSet>((ports, part) => unitePorts(ports, part.ports), noPorts),
      );
    return same.reduce<Connection[]>((left, part) => left.flatMap((rest) => withoutAddresses(rest, part)), [each]);
  });
}

/** What two connections have in common to be compared: an External end is any address. */
function endsKey({ src, dst }: Connection): string {
  const key = ({ kind, namespace, name }: ReachEnd) => (kind === "External" ? [kind] : [kind, namespace, name]);
  return JSON.stringify([key(src), key(dst)]);
}

function leftOf(connected: Connection, removed: PortSet): Connection[] {
  const ports = subtractPorts(connected.ports, removed);
  return ports.length === 0 ? [] : [{ ...connected, ports }];
}

function withoutAddresses(connected: Connection, { ports, addresses }: Connection): Connection[] {
  const common = intersectPorts(connected.ports, ports);
  if (common.length === 0 || connected.addresses === undefined || addresses === undefined) return [connected];
  const rest = subtractAddresses(connected.addresses, addresses);
  const moved = isNoAddress(rest) ? [] : [readdressed({ ...connected, ports: common }, rest)];
  return [...leftOf(connected, common), ...moved];
}

function readdressed(connected: Connection, addresses: Addresses): Connection {
  const end = externalEnd(addresses);
  return { ...connected, addresses, ...(connected.src.kind === "External" ? { src: end } : { dst: end }) };
}
