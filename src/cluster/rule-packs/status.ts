import { type ErrorCode, FirebreakError, messageOf } from "../../model/errors.ts";
import type { Condition } from "../../model/rule-pack.ts";

type Type = Condition["type"];
type Verdict = Pick<Condition, "status" | "reason" | "message">;

/** Which step an error belongs to. Everything before it went well; nothing after it was tried. */
const steps: readonly Type[] = ["Verified", "Compiled", "Tested", "Active"];
const stepOf: Partial<Record<ErrorCode, Type>> = {
  FBR_SIGNATURE: "Verified",
  FBR_BUNDLE_INVALID: "Verified",
  FBR_PACK_COMPILE: "Compiled",
  FBR_PACK_INVALID: "Compiled",
  FBR_PACK_BUILTIN: "Compiled",
  FBR_PACK_LIMIT: "Compiled",
  FBR_TOOL_MISSING: "Compiled",
  FBR_PACK_TESTS: "Tested",
  FBR_INPUT_INVALID: "Tested",
  FBR_PACK_CONFLICT: "Active",
};

/** A condition's message is for people; an API server takes 32 KiB, a terminal much less. */
const messageMost = 2000;

/** What a failure makes of the conditions; `proved` where the pack itself is good and only its place is not. */
export function failedVerdicts(thrown: unknown, proved: boolean, active: string | undefined): Record<Type, Verdict> {
  const code = thrown instanceof FirebreakError ? thrown.code : "FBR_INTERNAL";
  const message = messageOf(thrown).slice(0, messageMost);
  const failedAt = steps.indexOf(proved ? "Active" : (stepOf[code] ?? "Compiled"));
  const reason = code
    .slice("FBR_".length)
    .split("_")
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join("");
  const verdicts = steps.map((type, index): [Type, Verdict] => {
    if (index < failedAt) return [type, { status: "True", reason: "Succeeded", message: "" }];
    if (index === failedAt) return [type, { status: "False", reason, message: `[${code}] ${message}` }];
    return [type, { status: "Unknown", reason: "NotReached", message: `${steps[failedAt]} failed` }];
  });
  const all = Object.fromEntries(verdicts) as Record<Type, Verdict>;
  if (active === undefined) return { ...all, Active: { status: "False", reason, message: `[${code}] ${message}` } };
  return { ...all, Active: { status: "True", reason: "LastGoodRevision", message: `${active} stays in force: [${code}] ${message}` } };
}

/** Conditions with the instant at which each last changed its status. */
export function withVerdicts(before: readonly Condition[] | undefined, verdicts: Readonly<Record<Type, Verdict>>, generation: number, now: Date): Condition[] {
  return steps.map((type) => {
    const known = before?.find((condition) => condition.type === type);
    const verdict = verdicts[type];
    const since = known?.status === verdict.status ? known.lastTransitionTime : now.toISOString();
    return { type, ...verdict, lastTransitionTime: since, observedGeneration: generation };
  });
}
