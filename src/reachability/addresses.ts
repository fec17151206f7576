import { type Cidr, embeddedIpv4, type Family, parseCidr } from "./cidr.ts";
import type { Match } from "./match.ts";
import type { Addresses } from "./policy.ts";
import { intersect, type RangeSet, subtract, union } from "./range-set.ts";

export const families: readonly Family[] = ["ipv4", "ipv6"];

export const noAddresses: Addresses = { ipv4: [], ipv6: [] };
export const everyAddress: Addresses = { ipv4: [{ first: 0n, last: (1n << 32n) - 1n }], ipv6: [{ first: 0n, last: (1n << 128n) - 1n }] };

/**
 * The addresses of CIDR blocks less other blocks; undefined where one cannot be read. An IPv6 block that holds IPv4-mapped
 * or translated addresses reaches the IPv4 addresses inside.
 */
export function addressesOf(cidrs: readonly string[], except: readonly string[] = []): Addresses | undefined {
  if (!Array.isArray(cidrs) || !Array.isArray(except)) return undefined;
  const whole = cidrs.map(readCidr);
  const holes = except.map(readCidr);
  if (whole.includes(undefined) || holes.includes(undefined)) return undefined;
  const of = (blocks: readonly (Cidr | undefined)[], family: Family) => union((blocks as readonly Cidr[]).filter((block) => block.family === family));
  const ipv6 = subtract(of(whole, "ipv6"), of(holes, "ipv6"));
  const ipv4 = subtract(of(whole, "ipv4"), of(holes, "ipv4"));
  return { ipv4: union([...ipv4, ...ipv6.flatMap(embeddedIpv4)]), ipv6 };
}

/** Files hold anything where a block belongs. */
function readCidr(text: unknown): Cidr | undefined {
  return typeof text === "string" ? parseCidr(text) : undefined;
}

export function uniteAddresses(one: Addresses, two: Addresses): Addresses {
  return both(one, two, (a, b) => (a.length === 0 ? b : b.length === 0 ? a : union([...a, ...b])));
}

export function intersectAddresses(one: Addresses, two: Addresses): Addresses {
  return both(one, two, (a, b) => (a.length === 0 || b.length === 0 ? [] : intersect(a, b)));
}

export function subtractAddresses(one: Addresses, two: Addresses): Addresses {
  return both(one, two, (a, b) => (b.length === 0 ? a : subtract(a, b)));
}

export function isNoAddress({ ipv4, ipv6 }: Addresses): boolean {
  return ipv4.length === 0 && ipv6.length === 0;
}

/** Whether a block means something with these addresses, or, where they are not known, with some out of the `possible` ones. */
export function addressesMatch(block: Addresses, own: Addresses | undefined, possible: Addresses): Match {
  const addresses = own ?? possible;
  if (isNoAddress(intersectAddresses(block, addresses))) return "no";
  return isNoAddress(subtractAddresses(addresses, block)) ? "yes" : "maybe";
}

function both(one: Addresses, two: Addresses, combine: (a: RangeSet, b: RangeSet) => RangeSet): Addresses {
  return { ipv4: combine(one.ipv4, two.ipv4), ipv6: combine(one.ipv6, two.ipv6) };
}
