import type { Clock } from "../admission/ports.ts";

/** The system's own: the time of day, and one that only goes forward. */
export const clock: Clock = { now: () => new Date(), micros: () => Math.round(performance.now() * 1000) };
