import { everyAddress, families, intersectAddresses, isNoAddress, noAddresses, subtractAddresses, uniteAddresses } from "./addresses.ts";
import { type AddressRange, type Cidr, type Family, parseCidr } from "./cidr.ts";
import type { Addresses } from "./policy.ts";
import { type AddressClass, specialBlocks } from "./special-addresses.ts";

/** The addresses of each class. The longest prefix decides (RFC 6890), so that larger blocks go first and smaller ones take from them. */
const byClass: ReadonlyMap<AddressClass, Addresses> = classify();

/** Classes of which some addresses are in a set, `public` first. */
export function addressClasses(addresses: Addresses): AddressClass[] {
  return [...byClass].filter(([, block]) => !isNoAddress(intersectAddresses(addresses, block))).map(([name]) => name);
}

function addressesOfClass(name: AddressClass): Addresses {
  return byClass.get(name) ?? noAddresses;
}

/** The addresses that pods and nodes may have where nobody says which: RFC 1918, RFC 4193, RFC 6598. */
export const unannouncedAddresses: Addresses = uniteAddresses(addressesOfClass("private"), addressesOfClass("shared"));

/** The fewest CIDR blocks that make up a set; at most `most` of them. */
export function cidrsOf(addresses: Addresses, most = Number.POSITIVE_INFINITY): string[] {
  const cidrs: string[] = [];
  for (const family of families)
    for (const range of addresses[family])
      for (const cidr of blocksOf(range, family)) {
        if (cidrs.length >= most) return cidrs;
        cidrs.push(cidr);
      }
  return cidrs;
}

function* blocksOf({ first, last }: AddressRange, family: Family): Iterable<string> {
  const bits = family === "ipv4" ? 32 : 128;
  let at = first;
  while (at <= last) {
    let host = 0;
    // The largest block that begins here and does not reach beyond the end.
    while (host < bits && (at & ((1n << BigInt(host + 1)) - 1n)) === 0n && at + (1n << BigInt(host + 1)) - 1n <= last) host += 1;
    yield `${family === "ipv4" ? ipv4Text(at) : ipv6Text(at)}/${bits - host}`;
    at += 1n << BigInt(host);
  }
}

function ipv4Text(address: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 255n).join(".");
}

/** RFC 5952: the longest run of zero groups is left out. */
function ipv6Text(address: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => ((address >> BigInt(112 - 16 * index)) & 0xffffn).toString(16));
  const runs = [...groups.join(":").matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].sort((a, b) => b[0].length - a[0].length);
  const [longest] = runs;
  if (longest === undefined) return groups.join(":");
  const text = groups.join(":");
  const before = text.slice(0, longest.index);
  const after = text.slice(longest.index + longest[0].length);
  return `${before}::${after.replace(/^:/, "")}`;
}

function classify(): Map<AddressClass, Addresses> {
  const classes = new Map<AddressClass, Addresses>([["public", everyAddress]]);
  const blocks = specialBlocks.map(([cidr, , name]) => ({ range: parseCidr(cidr) as Cidr, name }));
  blocks.sort((a, b) => (a.range.last - a.range.first > b.range.last - b.range.first ? -1 : 1));
  for (const { range, name } of blocks) {
    const block: Addresses = { ...noAddresses, [range.family]: [range] };
    for (const [other, addresses] of classes) classes.set(other, subtractAddresses(addresses, block));
    classes.set(name, uniteAddresses(classes.get(name) ?? noAddresses, block));
  }
  return classes;
}
