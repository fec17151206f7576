/** What runs on IP: the three protocols that policies can name ports of, and everything else (ICMP, IGMP, ...). */
export type Protocol = "TCP" | "UDP" | "SCTP" | "OTHER";

/**
 * A set of protocol and port pairs: ordered, disjoint intervals `[first, last, first, last, ...]` of one line on which each
 * protocol has a stretch of its own. Port 0 is in none of them, so that intervals of two protocols never touch.
 */
export type PortSet = readonly number[];

const stretch = 65_536;
const starts: Readonly<Record<Protocol, number>> = { TCP: 0, UDP: stretch, SCTP: 2 * stretch, OTHER: 3 * stretch };
const protocols = ["TCP", "UDP", "SCTP", "OTHER"] as const;
const lastPort = 65_535;

export const noPorts: PortSet = [];
export const everyPort: PortSet = protocols.flatMap((protocol) => portsOf(protocol));

/** Ports `from` to `to` of a protocol, both included; without them all of it. What is no port (0, 70000) is in no set. */
export function portsOf(protocol: Protocol, from = 1, to = lastPort): PortSet {
  // Protocols without ports are one point.
  if (protocol === "OTHER") return [starts.OTHER + 2, starts.OTHER + 2];
  const [first, last] = [Math.max(1, from), Math.min(lastPort, to)];
  return first > last ? noPorts : [starts[protocol] + first, starts[protocol] + last];
}

export function onePort(protocol: Protocol, port: number): PortSet {
  return portsOf(protocol, port, port);
}

export function isProtocol(text: unknown): text is Exclude<Protocol, "OTHER"> {
  return text === "TCP" || text === "UDP" || text === "SCTP";
}

export function unitePorts(one: PortSet, two: PortSet): PortSet {
  if (one.length === 0) return two;
  return two.length === 0 ? one : unionOfPorts([one, two]);
}

/** The union of many sets at once. */
export function unionOfPorts(sets: readonly PortSet[]): PortSet {
  const bounds: (readonly [number, number])[] = [];
  for (const set of sets) for (let i = 0; i < set.length; i += 2) bounds.push([set[i] as number, set[i + 1] as number]);
  bounds.sort((a, b) => a[0] - b[0]);
  const result: number[] = [];
  for (const [first, last] of bounds) {
    const end = result.length - 1;
    if (end > 0 && first <= (result[end] as number) + 1) result[end] = Math.max(result[end] as number, last);
    else result.push(first, last);
  }
  return result;
}

export function intersectPorts(one: PortSet, two: PortSet): PortSet {
  const result: number[] = [];
  let [i, j] = [0, 0];
  while (i < one.length && j < two.length) {
    const first = Math.max(one[i] as number, two[j] as number);
    const last = Math.min(one[i + 1] as number, two[j + 1] as number);
    if (first <= last) result.push(first, last);
    if ((one[i + 1] as number) < (two[j + 1] as number)) i += 2;
    else j += 2;
  }
  return result;
}

export function subtractPorts(one: PortSet, two: PortSet): PortSet {
  const result: number[] = [];
  for (let i = 0; i < one.length; i += 2) {
    let first = one[i] as number;
    const last = one[i + 1] as number;
    for (let j = 0; j < two.length && first <= last; j += 2) {
      if ((two[j + 1] as number) < first) continue;
      if ((two[j] as number) > last) break;
      if ((two[j] as number) > first) result.push(first, (two[j] as number) - 1);
      first = (two[j + 1] as number) + 1;
    }
    if (first <= last) result.push(first, last);
  }
  return result;
}

export function holdsPorts(set: PortSet, part: PortSet): boolean {
  return subtractPorts(part, set).length === 0;
}

export function samePorts(one: PortSet, two: PortSet): boolean {
  return one.length === two.length && one.every((bound, index) => bound === two[index]);
}

export interface PortRange {
  readonly protocol: Protocol;
  readonly from: number;
  readonly to: number;
}

/** The set as a person writes it; protocols without ports have 0 to 0. */
export function portRanges(set: PortSet): PortRange[] {
  const result: PortRange[] = [];
  for (let i = 0; i < set.length; i += 2) {
    const protocol = protocols[Math.floor((set[i] as number) / stretch)] as Protocol;
    const [from, to] = protocol === "OTHER" ? [0, 0] : [(set[i] as number) - starts[protocol], (set[i + 1] as number) - starts[protocol]];
    result.push({ protocol, from, to });
  }
  return result;
}

/** `tcp/80, udp/1000-2000`, `any port`, `any tcp port`. */
export function portWords(set: PortSet): string {
  if (samePorts(set, everyPort)) return "any port";
  return portRanges(set)
    .map(({ protocol, from, to }) => {
      const name = protocol.toLowerCase();
      if (protocol === "OTHER") return "protocols without ports";
      if (from === 1 && to === lastPort) return `any ${name} port`;
      return from === to ? `${name}/${from}` : `${name}/${from}-${to}`;
    })
    .join(", ");
}

/** More pieces than this are not told apart: what lies across a piece counts as perhaps all of it. */
const mostPieces = 256;

/** Cuts a line of sets into pieces such that each set is a union of pieces, as far as the pieces go: what a sequence of rules can tell apart. */
export function cutPorts(sets: Iterable<PortSet>, whole: PortSet = everyPort): PortSet[] {
  let pieces: PortSet[] = [whole];
  const seen = new Set<string>();
  for (const set of sets) {
    const key = set.join();
    if (seen.has(key)) continue;
    seen.add(key);
    if (pieces.length >= mostPieces) break;
    pieces = pieces.flatMap((piece) => [intersectPorts(piece, set), subtractPorts(piece, set)].filter(({ length }) => length > 0));
  }
  return pieces;
}
