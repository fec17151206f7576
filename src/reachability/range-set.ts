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
    let first = range.first;
    while (index < removed.length && (removed[index] as AddressRange).last < first) index += 1;
    for (let cursor = index; cursor < removed.length; cursor += 1) {
      const hole = removed[cursor] as AddressRange;
      if (hole.first > range.last) break;
      if (hole.first > first) result.push({ first, last: hole.first - 1n });
      if (hole.last + 1n > first) first = hole.last + 1n;
    }
    if (first <= range.last) result.push({ first, last: range.last });
  }
  return result;
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
