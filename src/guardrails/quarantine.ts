import { FirebreakError } from "../model/errors.ts";

/** A pack that fails so often within so long is kept out. */
const trips = { most: 3, withinMillis: 60_000 } as const;

/** One question is let through after so long, to see whether the pack answers again. */
const probeMillis = 60_000;

/**
 * Keeps a pack out that fails again and again: each failure costs a thread and the patience of whoever waits. What it would judge is
 * refused, never let through. A machine that was short of time for a while must not refuse for ever: now and then one
 * question is asked all the same, and an answer ends the quarantine.
 */
export class Quarantine {
  readonly #onChange: (quarantined: boolean) => void;
  #tripped: number[] = [];
  #nextProbe: number | undefined;

  constructor(onChange: (quarantined: boolean) => void) {
    this.#onChange = onChange;
  }

  /** @throws FirebreakError FBR_PACK_QUARANTINED */
  check(rulePack: string): void {
    if (this.#nextProbe === undefined) return;
    if (performance.now() >= this.#nextProbe) {
      this.#nextProbe = performance.now() + probeMillis;
      return;
    }
    throw new FirebreakError(
      "FBR_PACK_QUARANTINED",
      `the rule pack ${rulePack} failed ${trips.most} times within a minute and is kept out: what it judges is refused until its owners replace it`,
    );
  }

  tripped(): void {
    const now = performance.now();
    this.#tripped = [...this.#tripped.filter((at) => now - at < trips.withinMillis), now];
    if (this.#tripped.length < trips.most || this.#nextProbe !== undefined) return;
    this.#nextProbe = now + probeMillis;
    this.#onChange(true);
  }

  answered(): void {
    if (this.#nextProbe === undefined) return;
    this.#nextProbe = undefined;
    this.#tripped = [];
    this.#onChange(false);
  }
}
