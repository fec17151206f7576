/** The keys of a decision record, `firebreak.decision/v1`. They are a public interface: a change of one is a change of version. */
export const recordSchema = "firebreak.decision/v1";

export const recordKeys = [
  "schema",
  "decisionId",
  "time",
  "cluster",
  "engine",
  "phase",
  "enforcement",
  "request",
  "actor",
  "patches",
  "decision",
  "results",
  "latency",
  "failure",
] as const;

export type RecordKey = (typeof recordKeys)[number];
