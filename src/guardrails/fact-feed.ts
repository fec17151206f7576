import type { DeclaredFact, FactName, FactObjects } from "../model/facts.ts";

/** What a pack declared that it reads of the cluster, kept current by whoever knows the cluster. */
export interface FactFeed {
  /** By the name of the fact. One that is not known is absent. */
  current(): Readonly<Record<string, FactObjects>>;
  /** Facts that are not known, or too old to be trusted. */
  missing(): readonly FactName[];
  /** Told when something changed. */
  onChange(listener: () => void): void;
  stop(): void;
}

/** A feed of what is known once and for all; what is not in it is missing. */
export function fixedFeed(declared: readonly DeclaredFact[], known: Readonly<Record<string, FactObjects>>): FactFeed {
  const missing = declared.filter(({ name }) => !Object.hasOwn(known, name)).map(({ name }): FactName => `cluster.${name}`);
  return { current: () => known, missing: () => missing, onChange: () => {}, stop: () => {} };
}
