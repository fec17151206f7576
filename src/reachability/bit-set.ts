/** A set of small numbers as bits, 32 to a word. Two that are combined have the same length. */
export type BitSet = Uint32Array<ArrayBuffer>;

export function emptyBits(words: number): BitSet {
  return new Uint32Array(words);
}

export function addBit(bits: BitSet, index: number): void {
  bits[index >>> 5] = (bits[index >>> 5] as number) | (1 << (index & 31));
}

export function removeBit(bits: BitSet, index: number): void {
  bits[index >>> 5] = (bits[index >>> 5] as number) & ~(1 << (index & 31));
}

export function hasBit(bits: BitSet, index: number): boolean {
  return ((bits[index >>> 5] as number) & (1 << (index & 31))) !== 0;
}

export function bitsOf(words: number, indexes: Iterable<number>): BitSet {
  const bits = emptyBits(words);
  for (const index of indexes) addBit(bits, index);
  return bits;
}

export function addAll(bits: BitSet, added: BitSet): void {
  for (let i = 0; i < bits.length; i += 1) bits[i] = (bits[i] as number) | (added[i] as number);
}

export function bothBits(one: BitSet, two: BitSet): BitSet {
  const result = emptyBits(one.length);
  for (let i = 0; i < result.length; i += 1) result[i] = (one[i] as number) & (two[i] as number);
  return result;
}

export function united(one: BitSet, two: BitSet): BitSet {
  const result = one.slice();
  addAll(result, two);
  return result;
}

export function withoutBits(one: BitSet, two: BitSet): BitSet {
  const result = emptyBits(one.length);
  for (let i = 0; i < result.length; i += 1) result[i] = (one[i] as number) & ~(two[i] as number);
  return result;
}

export function isEmptyBits(bits: BitSet): boolean {
  for (let i = 0; i < bits.length; i += 1) if (bits[i] !== 0) return false;
  return true;
}

/** Whether the two have a member in common. */
export function bitsMeet(one: BitSet, two: BitSet): boolean {
  for (let i = 0; i < one.length; i += 1) if (((one[i] as number) & (two[i] as number)) !== 0) return true;
  return false;
}

/** Whether all of one are in the other. */
export function holdsBits(all: BitSet, part: BitSet): boolean {
  for (let i = 0; i < part.length; i += 1) if (((part[i] as number) & ~(all[i] as number)) !== 0) return false;
  return true;
}

export function sameBits(one: BitSet, two: BitSet): boolean {
  for (let i = 0; i < one.length; i += 1) if (one[i] !== two[i]) return false;
  return true;
}

/** FNV-1a over words. */
export function hashOf(bits: BitSet): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < bits.length; i += 1) hash = Math.imul(hash ^ (bits[i] as number), 0x01000193);
  return hash;
}

export function countBits(bits: BitSet): number {
  let count = 0;
  for (let i = 0; i < bits.length; i += 1) {
    let word = bits[i] as number;
    word -= (word >>> 1) & 0x55555555;
    word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
    count += (((word + (word >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
  }
  return count;
}

/** The members, lowest first; at most `most` of them. */
export function membersOf(bits: BitSet, most = Number.POSITIVE_INFINITY): number[] {
  const members: number[] = [];
  for (let i = 0; i < bits.length; i += 1) {
    let word = bits[i] as number;
    while (word !== 0) {
      if (members.length >= most) return members;
      const low = word & -word;
      members.push(i * 32 + (31 - Math.clz32(low)));
      word ^= low;
    }
  }
  return members;
}
