import type { AddressRange } from "./cidr.ts";

/** A set of addresses of one family: ranges in order, disjoint and not adjacent. */
export type RangeSet = readonly AddressRange[];

export function union(ranges: Iterable<AddressRange>): RangeSet {
  const ordered = [...ranges].sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const result: { first: bigint; last: bigint }[] = [];
  for (const range of ordered) {
    const previous = result.at(-1);
    if (previous && range.first <= previous.last + 1n) {
      if (range.last > previous.last) previous.last = range.last;
    } else {
      result.push({ ...range });
    }
  }
  return result;
}

export function subtract(set: RangeSet, removed: RangeSet): RangeSet {
  const result: AddressRange[] = [];
  let index = 0;
  for (const range of set) {
    while (index < removed.length && (removed[index] as AddressRange).last < range.first) index += 1;
    result.push(...pieces(range, removed, index));
  }
  return result;
}

/** What is left of one range, given the first hole that does not lie wholly before it. */
function pieces(range: AddressRange, removed: RangeSet, from: number): AddressRange[] {
  const left: AddressRange[] = [];
  let { first } = range;
  for (let cursor = from; cursor < removed.length; cursor += 1) {
    const hole = removed[cursor] as AddressRange;
    if (hole.first > range.last) break;
    if (hole.first > first) left.push({ first, last: hole.first - 1n });
    first = hole.last + 1n;
  }
  return first <= range.last ? [...left, { first, last: range.last }] : left;
}

export function intersect(one: RangeSet, two: RangeSet): RangeSet {
  return subtract(one, subtract(one, two));
}

/** How many addresses the set holds. */
export function size(set: RangeSet): bigint {
  return set.reduce((sum, range) => sum + range.last - range.first + 1n, 0n);
}

export function contains(set: RangeSet, address: bigint): boolean {
  return set.some((range) => range.first <= address && address <= range.last);
}
