import { addressesMatch } from "./addresses.ts";
import { addAll, addBit, type BitSet, emptyBits, hasBit, isEmptyBits, removeBit } from "./bit-set.ts";
import type { Matched } from "./decide.ts";
import { type AddressPlan, type Endpoint, peersMatch, podMatch } from "./endpoint.ts";
import type { Match } from "./match.ts";
import type { Peer, PodMatch } from "./policy.ts";

/** Selectors of changes that were only asked about are kept too: not for ever. */
const mostSelectors = 20_000;

/** Numbers that are always free for endpoints that a change would bring. */
const spare = 256;

/**
 * Numbers the endpoints of a cluster, and keeps for each selector in use which of them it matches. Numbers of endpoints that went
 * are used again.
 */
export class Universe {
  readonly plan: AddressPlan;
  #endpoints: (Endpoint | undefined)[] = [];
  readonly #byNamespace = new Map<string, number[]>();
  readonly #free: number[] = [];
  #words = 32;
  #alive = emptyBits(this.#words);
  #none = emptyBits(this.#words);
  /** What lists of peers mean, until an endpoint changes. Lists are shared by policies that say the same. */
  #peers = new WeakMap<readonly Peer[], Matched<BitSet>>();
  /** Endpoints whose own addresses are known, and nodes: each matches a block on its own. The others all match it alike. */
  readonly #addressed = new Set<number>();
  #unaddressed = emptyBits(this.#words);
  readonly #members = new Map<string, { readonly match: PodMatch; readonly sets: Matched<BitSet> }>();
  /** Namespaces by label, for selectors that name one: most do. */
  readonly #byLabel = new Map<string, Set<number>>();

  constructor(plan: AddressPlan) {
    this.plan = plan;
  }

  /** Length of its bit sets. It grows when many endpoints came; sets that were made before are then too short. */
  get words(): number {
    return this.#words;
  }

  get alive(): BitSet {
    return this.#alive;
  }

  /** No endpoint. Not to be written to. */
  get none(): BitSet {
    return this.#none;
  }

  endpoint(id: number): Endpoint | undefined {
    return this.#endpoints[id];
  }

  /** The endpoints of a namespace, in the order in which they were put. */
  of(namespace: string): readonly number[] {
    return this.#byNamespace.get(namespace) ?? [];
  }

  /** Numbers for endpoints that a change would bring; they are not taken. */
  unused(count: number): number[] {
    return Array.from({ length: Math.min(count, spare) }, (_, index) => this.#endpoints.length + index);
  }

  namespaces(): IterableIterator<string> {
    return this.#byNamespace.keys();
  }

  /** Puts the endpoints of a namespace in the place of those that it had. True where sets grew: what was computed before is void. */
  put(namespace: string, endpoints: readonly Endpoint[]): boolean {
    const before = this.#byNamespace.get(namespace) ?? [];
    this.#peers = new WeakMap();
    const ids = endpoints.map((_, index) => before[index] ?? this.#free.pop() ?? this.#endpoints.length++);
    for (const id of before.slice(endpoints.length)) {
      this.#replace(id, undefined);
      this.#free.push(id);
    }
    if (ids.length === 0) this.#byNamespace.delete(namespace);
    else this.#byNamespace.set(namespace, ids);
    const grew = this.#reserve();
    for (const [index, id] of ids.entries()) this.#replace(id, endpoints[index]);
    return grew;
  }

  /** The endpoints that such a match of a cluster-wide selector means. */
  members(match: PodMatch): Matched<BitSet> {
    const key = JSON.stringify(match);
    const known = this.#members.get(key);
    if (known !== undefined) return known.sets;
    const sets = { sure: emptyBits(this.#words), perhaps: emptyBits(this.#words) };
    for (const id of this.#candidates(match)) mark(sets, id, podMatch(match, this.#endpoints[id] as Endpoint, ""));
    if (this.#members.size >= mostSelectors) this.#members.clear();
    this.#members.set(key, { match, sets });
    return sets;
  }

  /** The endpoints that are one of a rule's peers; peers of the policy's own namespace are left out: they differ for each. */
  peers(peers: readonly Peer[] | undefined): Matched<BitSet> {
    if (peers === undefined) return { sure: this.#alive, perhaps: this.#alive };
    const known = this.#peers.get(peers);
    if (known !== undefined) return known;
    const sets = { sure: emptyBits(this.#words), perhaps: emptyBits(this.#words) };
    for (const peer of peers) this.#addPeer(sets, peer);
    const found = { sure: isEmptyBits(sets.sure) ? this.#none : sets.sure, perhaps: isEmptyBits(sets.perhaps) ? this.#none : sets.perhaps };
    this.#peers.set(peers, found);
    return found;
  }

  #addPeer(sets: Matched<BitSet>, peer: Peer): void {
    if (peer.type === "pods") {
      if (peer.match.namespaces === "own") return;
      const { sure, perhaps } = this.members(peer.match);
      addAll(sets.sure, sure);
      addAll(sets.perhaps, perhaps);
      return;
    }
    for (const id of this.#addressed) mark(sets, id, peersMatch([peer], this.#endpoints[id] as Endpoint, "", this.plan));
    const rest = peer.type === "addresses" ? addressesMatch(peer.addresses, undefined, this.plan.pods) : peer.type === "names" ? "maybe" : "no";
    if (rest !== "no") addAll(sets.perhaps, this.#unaddressed);
    if (rest === "yes") addAll(sets.sure, this.#unaddressed);
  }

  #replace(id: number, endpoint: Endpoint | undefined): void {
    const old = this.#endpoints[id];
    if (old !== undefined) this.#forget(id, old);
    this.#endpoints[id] = endpoint;
    if (endpoint === undefined) {
      for (const { sets } of this.#members.values()) unmark(sets, id);
      return;
    }
    addBit(this.#alive, id);
    if (endpoint.kind !== "pod" || endpoint.addresses !== undefined) this.#addressed.add(id);
    else addBit(this.#unaddressed, id);
    for (const key of labelKeys(endpoint)) {
      const ids = this.#byLabel.get(key) ?? new Set();
      this.#byLabel.set(key, ids.add(id));
    }
    for (const { match, sets } of this.#members.values()) {
      unmark(sets, id);
      mark(sets, id, podMatch(match, endpoint, ""));
    }
  }

  #forget(id: number, old: Endpoint): void {
    removeBit(this.#alive, id);
    removeBit(this.#unaddressed, id);
    this.#addressed.delete(id);
    for (const key of labelKeys(old)) {
      const ids = this.#byLabel.get(key);
      ids?.delete(id);
      if (ids?.size === 0) this.#byLabel.delete(key);
    }
  }

  #candidates({ namespaces }: PodMatch): Iterable<number> {
    if (namespaces === "own") return [];
    const [first] = Object.entries(namespaces.matchLabels ?? {});
    if (first !== undefined) return this.#byLabel.get(labelKey(...first)) ?? [];
    return this.#endpoints.flatMap((endpoint, id) => (endpoint === undefined ? [] : [id]));
  }

  #reserve(): boolean {
    if (this.#endpoints.length + spare <= this.#words * 32) return false;
    // A quarter more than is needed: sets are made anew once in a while, not for each namespace.
    this.#words = Math.ceil((this.#endpoints.length * 1.25 + spare) / 32);
    this.#alive = longer(this.#alive, this.#words);
    this.#none = emptyBits(this.#words);
    this.#unaddressed = longer(this.#unaddressed, this.#words);
    this.#members.clear();
    return true;
  }
}

function mark(sets: Matched<BitSet>, id: number, match: Match): void {
  if (match === "no") return;
  addBit(sets.perhaps, id);
  if (match === "yes") addBit(sets.sure, id);
}

function unmark({ sure, perhaps }: Matched<BitSet>, id: number): void {
  if (!hasBit(perhaps, id)) return;
  removeBit(sure, id);
  removeBit(perhaps, id);
}

function longer(bits: BitSet, words: number): BitSet {
  const result = emptyBits(words);
  result.set(bits);
  return result;
}

function labelKeys({ namespaceLabels }: Endpoint): string[] {
  return Object.entries(namespaceLabels).map(([key, value]) => labelKey(key, value));
}

function labelKey(key: string, value: string): string {
  return `${key}=${value}`;
}
