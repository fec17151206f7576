import { randomFillSync } from "node:crypto";
import { ulid } from "ulid";

/** A ULID takes sixteen random numbers, and each call of the system for one costs more than the rest of a decision's bookkeeping. */
const pool = new Uint8Array(4096);
let used = pool.length;

/** An id that sorts by time: a ULID from the system's own randomness, drawn in large portions. */
export function newId(): string {
  return ulid(undefined, random);
}

function random(): number {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const byte = pool[used] as number;
  used += 1;
  return byte / 256;
}
