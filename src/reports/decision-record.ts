import { denialMessage, warnings } from "../admission/message.ts";
import type { UserInfo } from "../model/attributes.ts";
import type { Decision, Result } from "../model/decision.ts";
import { type RecordKey, recordSchema } from "./record-keys.ts";

/** Who writes the records. */
export interface Origin {
  readonly clusterName: string;
  readonly version: string;
  readonly replica: string;
}

/** The record of one decision: what was asked, by whom, what was said and why. Never the content of an object. */
export function decisionRecord(decision: Decision, { clusterName, version, replica }: Origin): Record<RecordKey, unknown> {
  const { attributes, failure } = decision;
  const { kind, resource } = attributes;
  return {
    schema: recordSchema,
    decisionId: decision.id,
    time: decision.timings.startedAt.toISOString(),
    cluster: { name: clusterName },
    engine: { version, replica },
    phase: attributes.phase,
    enforcement: decision.mode ?? "none",
    request: {
      uid: attributes.uid,
      operation: attributes.operation,
      dryRun: attributes.dryRun,
      subResource: attributes.subResource,
      gvk: [kind.group, kind.version, kind.kind].filter(Boolean).join("/"),
      gvr: [resource.group, resource.version, resource.resource].filter(Boolean).join("/"),
      namespace: attributes.namespace,
      name: attributes.name || (attributes.object?.metadata?.generateName ?? ""),
      objectUid: attributes.object?.metadata?.uid ?? attributes.oldObject?.metadata?.uid ?? "",
    },
    actor: actorOf(attributes.user),
    patches: decision.patch.map(({ op, path, value }) => ({ op, path, value })),
    decision: {
      allowed: decision.outcome === "allowed",
      outcome: decision.outcome,
      code: decision.code,
      message: decision.outcome === "allowed" ? "" : denialMessage(decision),
      warnings: warnings(decision),
      violations: decision.results.length,
    },
    results: shownResults(decision.results).map(resultRecord),
    latency: { totalMicros: decision.timings.totalMicros, evalMicros: decision.timings.evaluationMicros },
    failure:
      failure === undefined
        ? { mode: "none", cause: "" }
        : { mode: decision.outcome === "allowed" ? "fail-open" : "fail-closed", cause: `${failure.code}: ${failure.message}` },
  };
}

/** Every rule that matched, with this many of its violations: one hostile object must not make a record of megabytes. */
const violationsPerRule = 20;

function shownResults(results: readonly Result[]): Result[] {
  return [...Map.groupBy(results, ({ ruleId, effect }) => `${ruleId} ${effect}`).values()].flatMap((same) => same.slice(0, violationsPerRule));
}

function resultRecord(result: Result) {
  const { ruleId, pack, packDigest, rulePack, binding, severity, tier, effect, preExisting, message, path, fix, controls } = result;
  const permitted = { ...(result.exemptions ? { exemptions: result.exemptions } : {}), ...(result.breakGlass ? { breakGlass: result.breakGlass } : {}) };
  return { ...permitted, ruleId, pack, packDigest, rulePack, binding, severity, tier, effect, preExisting, msg: message, path, fix, controls };
}

function actorOf({ username, uid, groups }: UserInfo) {
  const kind = username.startsWith("system:serviceaccount:")
    ? "serviceaccount"
    : username.startsWith("system:node:")
      ? "node"
      : username.startsWith("system:")
        ? "controller"
        : "human";
  return { username, uid: uid ?? "", groups, kind };
}
