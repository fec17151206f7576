import { embeddedIpv4Ranges } from "./special-addresses.ts";

export type Family = "ipv4" | "ipv6";

/** Addresses `first` to `last`, both included, as integers of one family. */
export interface AddressRange {
  readonly first: bigint;
  readonly last: bigint;
}

export interface Cidr extends AddressRange {
  readonly family: Family;
}

const bits: Record<Family, number> = { ipv4: 32, ipv6: 128 };

/**
 * A CIDR block as a range; undefined where the text is none. Host bits are ignored, as every data plane does
 * (`10.1.2.3/8` is `10.0.0.0/8`), and so are leading zeros: API servers accept them where they validate as they always did
 * (k8s.io/utils/net ParseCIDRSloppy), and what is stored must be judged.
 */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^([0-9a-fA-F.:]+)\/(\d+)$/.exec(text);
  if (!match) return undefined;
  const [, address = "", prefixText = ""] = match;
  const family: Family = address.includes(":") ? "ipv6" : "ipv4";
  const value = family === "ipv6" ? parseIpv6(address) : parseIpv4(address);
  const prefix = Number(prefixText);
  if (value === undefined || prefix > bits[family]) return undefined;
  const hostBits = BigInt(bits[family] - prefix);
  const first = (value >> hostBits) << hostBits;
  return { family, first, last: first + (1n << hostBits) - 1n };
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || parts.some((part) => !/^\d+$/.test(part) || Number(part) > 255)) return undefined;
  return parts.reduce((value, part) => value * 256n + BigInt(part), 0n);
}

/** RFC 4291 section 2.2, with `::` once at most and a dotted IPv4 tail. */
function parseIpv6(text: string): bigint | undefined {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (dotted) {
    const tail = parseIpv4(dotted[2] ?? "");
    if (tail === undefined) return undefined;
    return parseIpv6(`${dotted[1]}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`);
  }
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array<string>(missing).fill("0"), ...tail];
  if (groups.some((group) => !/^0*[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return groups.reduce((value, group) => value * 65536n + BigInt(`0x${group}`), 0n);
}

/** The IPv4 ranges that an IPv6 range reaches through IPv4-mapped (RFC 4291) and translated (RFC 6052) addresses. */
export function embeddedIpv4(range: AddressRange): AddressRange[] {
  return embeddedIpv4Ranges.flatMap((base) => {
    const first = later(range.first, base);
    const last = earlier(range.last, base + 0xffffffffn);
    return first > last ? [] : [{ first: first - base, last: last - base }];
  });
}

function later(one: bigint, two: bigint): bigint {
  return one < two ? two : one;
}

function earlier(one: bigint, two: bigint): bigint {
  return one < two ? one : two;
}
