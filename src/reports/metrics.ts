import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Decision } from "../model/decision.ts";
import { type ScannedPlace, scanResultOf } from "../model/scan.ts";

/** Seconds: from a cached answer (0.2 ms) to the API server's own timeout (10 s). */
const latencyBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** A copy of the cluster whose age is told. */
interface Aged {
  readonly name: string;
  ageMillis(): number;
}

export interface Metrics {
  record(decision: Decision): void;
  readonly contentType: string;
  text(): Promise<string>;
  setLeader(leading: boolean): void;
  setScanned(places: readonly ScannedPlace[]): void;
  countAlarm(kind: string): void;
}

/** Prometheus metrics, as a view of decisions. */
export function createMetrics(caches: () => readonly Aged[]): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const decisions = new Counter({
    name: "firebreak_decisions_total",
    help: "Reviews by phase, operation and outcome",
    labelNames: ["phase", "operation", "outcome"],
    registers,
  });
  const violations = new Counter({ name: "firebreak_violations_total", help: "Violations by rule and action", labelNames: ["rule", "action"], registers });
  const failures = new Counter({
    name: "firebreak_failures_total",
    help: "Reviews that could not be decided, by error code and by what was answered",
    labelNames: ["code", "mode"],
    registers,
  });
  const latency = new Histogram({
    name: "firebreak_review_duration_seconds",
    help: "Time to decide a review",
    labelNames: ["phase"],
    buckets: latencyBuckets,
    registers,
  });
  const evaluation = new Histogram({
    name: "firebreak_evaluation_duration_seconds",
    help: "Time that guardrails ran for a review",
    buckets: latencyBuckets,
    registers,
  });
  const leader = new Gauge({ name: "firebreak_leader", help: "1 where this replica runs the controllers", registers });
  const standing = new Gauge({
    name: "firebreak_standing_violations",
    help: "What the scan finds, by rule and result; on the leader",
    labelNames: ["rule", "result"],
    registers,
  });
  const scanned = new Gauge({ name: "firebreak_scanned_objects", help: "Objects that the scan judges; on the leader", registers });
  const alarms = new Counter({
    name: "firebreak_alarms_total",
    help: "What somebody should look at: restored policies, repaired webhooks, forbidden calls",
    labelNames: ["kind"],
    registers,
  });
  new Gauge({
    name: "firebreak_cache_age_seconds",
    help: "Time since the API server last confirmed a local copy",
    labelNames: ["cache"],
    registers,
    collect() {
      for (const cache of caches()) this.set({ cache: cache.name }, Math.min(cache.ageMillis() / 1000, 1e9));
    },
  });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    setScanned: (places) => {
      standing.reset();
      for (const finding of places.flatMap(({ findings }) => findings)) standing.inc({ rule: finding.ruleId, result: scanResultOf(finding) });
      scanned.set(places.reduce((sum, { objects }) => sum + objects, 0));
    },
    setLeader: (leading) => leader.set(leading ? 1 : 0),
    countAlarm: (kind) => alarms.inc({ kind }),
    record: ({ attributes, outcome, results, failure, timings }: Decision) => {
      decisions.inc({ phase: attributes.phase, operation: attributes.operation, outcome });
      for (const { ruleId, effect } of results) violations.inc({ rule: ruleId, action: effect });
      if (failure) failures.inc({ code: failure.code, mode: outcome === "allowed" ? "fail-open" : "fail-closed" });
      latency.observe({ phase: attributes.phase }, timings.totalMicros / 1e6);
      if (timings.evaluationMicros > 0) evaluation.observe(timings.evaluationMicros / 1e6);
    },
  };
}
