import type { IpBlock, NetworkPolicyPort, NetworkPolicySpec } from "../model/kubernetes.ts";
import { addressClasses } from "./address-class.ts";
import { addressesOf, everyAddress, families } from "./addresses.ts";
import { type AddressRange, type Cidr, type Family, parseCidr } from "./cidr.ts";
import type { Addresses, Policy } from "./policy.ts";
import { contains, intersect, type RangeSet, size, subtract, union } from "./range-set.ts";
import { type AddressClass, specialBlocks } from "./special-addresses.ts";

/** What one policy opens to plain addresses, by direction. Rules read it as `input.effect.addresses`. */
export interface PolicyAddresses {
  readonly ingress: DirectionAddresses;
  readonly egress: DirectionAddresses;
}

/**
 * The union of all `ipBlock` peers of one direction, each less its own `except` (a block never takes from another:
 * NetworkPolicy has no deny).
 */
export interface DirectionAddresses {
  /** Globally reachable addresses in the union: 0 to 2^32. */
  readonly publicIpv4: number;
  /** Globally reachable /64 networks in the union, a part counted as a whole one: 0 to 2^64, exact below 2^53. */
  readonly publicIpv6Networks: number;
  readonly blocks: readonly AddressBlock[];
  /** Paths of CIDRs that cannot be read; an API server stores none, a file may hold some. */
  readonly unreadable: readonly string[];
}

export interface AddressBlock {
  readonly path: string;
  readonly cidr: string;
  readonly ports: readonly NetworkPolicyPort[];
  /** Metadata addresses of clouds that this block reaches (its `except` taken off). */
  readonly metadata: readonly string[];
  readonly public: boolean;
  /** What the addresses are for, by the IANA registries. */
  readonly classes: readonly AddressClass[];
}

/** Addresses at which clouds hand credentials to whoever asks. Sources: the clouds' own instance-metadata documentation. */
const metadataAddresses: readonly string[] = [
  "169.254.169.254",
  "169.254.169.252",
  "169.254.170.2",
  "169.254.170.23",
  "100.100.100.200",
  "fd00:ec2::254",
  "fd00:ec2::23",
  "fd20:ce::254",
];

const globallyReachable: Record<Family, RangeSet> = { ipv4: reachable("ipv4"), ipv6: reachable("ipv6") };

const metadata = metadataAddresses.map((address) => {
  const parsed = parseCidr(address.includes(":") ? `${address}/128` : `${address}/32`) as Cidr;
  return { address, family: parsed.family, value: parsed.first };
});

/** A direction that `policyTypes` does not list opens nothing (networking/v1 types.go). */
export function policyAddresses(spec: NetworkPolicySpec | undefined): PolicyAddresses {
  const written: unknown = spec?.policyTypes;
  // What is no list says nothing: it counts as absent.
  const types: readonly unknown[] = Array.isArray(written) ? written : spec?.egress?.length ? ["Ingress", "Egress"] : ["Ingress"];
  return {
    ingress: directionAddresses(spec, "ingress", types.includes("Ingress")),
    egress: directionAddresses(spec, "egress", types.includes("Egress")),
  };
}

/** The same, with the sums of each direction over other policies that select the same pods; blocks stay those of the one. */
export function unionAddresses(own: PolicyAddresses, spec: NetworkPolicySpec | undefined, others: readonly Policy[]): PolicyAddresses {
  const direction = (name: "ingress" | "egress"): DirectionAddresses => {
    const blocks = others.flatMap((policy) =>
      (policy[name] ?? []).flatMap(({ peers = [] }) => peers.flatMap((peer) => (peer.type === "addresses" ? [peer.addresses] : []))),
    );
    // A policy that opens no block adds nothing to what others open.
    if (blocks.length === 0 || own[name].blocks.length === 0) return own[name];
    const written = ipBlocks(spec, name).flatMap(({ block }) => blockSets(block) ?? []);
    return { ...own[name], ...publicCounts(uniteAll([...written, ...blocks])) };
  };
  return { ingress: direction("ingress"), egress: direction("egress") };
}

function uniteAll(sets: readonly Readonly<Record<Family, RangeSet>>[]): Record<Family, RangeSet> {
  return { ipv4: union(sets.flatMap(({ ipv4 }) => ipv4)), ipv6: union(sets.flatMap(({ ipv6 }) => ipv6)) };
}

function publicCounts(reached: Readonly<Record<Family, RangeSet>>): Pick<DirectionAddresses, "publicIpv4" | "publicIpv6Networks"> {
  const open = { ipv4: intersect(reached.ipv4, globallyReachable.ipv4), ipv6: intersect(reached.ipv6, globallyReachable.ipv6) };
  return { publicIpv4: Number(size(open.ipv4)), publicIpv6Networks: Number(size(networks64(open.ipv6))) };
}

function directionAddresses(spec: NetworkPolicySpec | undefined, direction: "ingress" | "egress", effective: boolean): DirectionAddresses {
  const reached: Record<Family, AddressRange[]> = { ipv4: [], ipv6: [] };
  const blocks: AddressBlock[] = [];
  const unreadable: string[] = [];
  for (const { path, block, ports } of effective ? ipBlocks(spec, direction) : []) {
    const sets = blockSets(block);
    if (sets === undefined) {
      unreadable.push(path);
      continue;
    }
    for (const family of families) reached[family].push(...sets[family]);
    blocks.push({
      path,
      cidr: block.cidr ?? "",
      ports,
      metadata: metadata.filter(({ family, value }) => contains(sets[family], value)).map(({ address }) => address),
      public: families.some((family) => intersect(sets[family], globallyReachable[family]).length > 0),
      classes: addressClasses(sets),
    });
  }
  return { ...publicCounts({ ipv4: union(reached.ipv4), ipv6: union(reached.ipv6) }), blocks, unreadable };
}

function ipBlocks(spec: NetworkPolicySpec | undefined, direction: "ingress" | "egress") {
  const side = direction === "ingress" ? "from" : "to";
  return list(spec?.[direction]).flatMap((rule, ruleIndex) =>
    list(rule?.[side]).flatMap((peer, peerIndex): { path: string; block: IpBlock; ports: readonly NetworkPolicyPort[] }[] =>
      peer?.ipBlock ? [{ path: `spec.${direction}[${ruleIndex}].${side}[${peerIndex}].ipBlock.cidr`, block: peer.ipBlock, ports: list(rule.ports) }] : [],
    ),
  );
}

/** Undefined where its CIDR or an `except` cannot be read. */
function blockSets(block: IpBlock): Addresses | undefined {
  return addressesOf([block.cidr ?? ""], list(block.except));
}

function networks64(set: RangeSet): RangeSet {
  return union(set.map(({ first, last }) => ({ first: first >> 64n, last: last >> 64n })));
}

function reachable(family: Family): RangeSet {
  const blocks = specialBlocks.map(([cidr, open]) => ({ range: parseCidr(cidr) as Cidr, open })).filter(({ range }) => range.family === family);
  blocks.sort((a, b) => (a.range.last - a.range.first > b.range.last - b.range.first ? -1 : 1));
  let set = everyAddress[family];
  for (const { range, open } of blocks) set = open ? union(set.concat(range)) : subtract(set, [range]);
  return set;
}

/** Files and hostile requests hold anything where a list belongs. */
function list<T>(value: readonly T[] | undefined): readonly T[] {
  return Array.isArray(value) ? value : [];
}
