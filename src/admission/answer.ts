import type { Decision } from "../model/decision.ts";
import { denialMessage, warnings } from "./message.ts";

/** The HTTP body for a decision: `admission.k8s.io/v1` AdmissionReview with a response and nothing else. */
export interface ReviewAnswer {
  readonly apiVersion: "admission.k8s.io/v1";
  readonly kind: "AdmissionReview";
  readonly response: {
    readonly uid: string;
    readonly allowed: boolean;
    readonly status?: Status;
    readonly patchType?: "JSONPatch";
    readonly patch?: string;
    readonly warnings?: readonly string[];
    readonly auditAnnotations: Readonly<Record<string, string>>;
  };
}

interface Status {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly details?: { readonly retryAfterSeconds: number };
}

/** Reasons of apimachinery's `metav1.StatusReason`, by code. */
const reasons: ReadonlyMap<number, string> = new Map([
  [400, "BadRequest"],
  [403, "Forbidden"],
  [413, "RequestEntityTooLarge"],
  [422, "Invalid"],
  [429, "TooManyRequests"],
  [503, "ServiceUnavailable"],
]);

/** Clients of Kubernetes retry by themselves when the status says after how long. */
const retryAfterSeconds = 1;

export function answerOf(decision: Decision): ReviewAnswer {
  const shown = warnings(decision);
  return {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    response: {
      uid: decision.attributes.uid,
      allowed: decision.outcome === "allowed",
      ...(decision.outcome === "allowed" ? patchOf(decision) : { status: statusOf(decision) }),
      ...(shown.length > 0 ? { warnings: shown } : {}),
      auditAnnotations: auditAnnotations(decision),
    },
  };
}

function patchOf({ patch }: Decision): Pick<ReviewAnswer["response"], "patch" | "patchType"> {
  if (patch.length === 0) return {};
  return { patchType: "JSONPatch", patch: base64(JSON.stringify(patch)) };
}

function base64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));
}

function statusOf(decision: Decision): Status {
  return {
    code: decision.code,
    reason: reasons.get(decision.code) ?? "InternalError",
    message: denialMessage(decision),
    ...(decision.outcome === "undecided" ? { details: { retryAfterSeconds } } : {}),
  };
}

function auditAnnotations(decision: Decision): Record<string, string> {
  const byEffect = Map.groupBy(decision.results, ({ effect }) => effect);
  const rules = [...byEffect].map(([effect, results]) => [effect, [...new Set(results.map(({ ruleId }) => ruleId))].sort().join(",")]);
  return { "decision-id": decision.id, ...Object.fromEntries(rules) };
}
