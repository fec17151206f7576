import type { Control, Effect, EnforcementAction, Severity, Tier } from "./decision.ts";

/** An object as reports and events refer to it (core/v1 ObjectReference). */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
}

/** What a rule says of something that stands. */
export interface ScanFinding {
  readonly ruleId: string;
  readonly title: string;
  readonly severity: Severity;
  readonly tier: Tier;
  readonly controls: readonly Control[];
  readonly pack: string;
  readonly rulePack: string;
  readonly message: string;
  /** The field, with positions of lists. */
  readonly path: string;
  readonly fix: string;
  readonly effect: Effect;
  /** What it would be were its pack enforced here. */
  readonly enforced: EnforcementAction;
  readonly exemptions: readonly string[];
  /** Whom it is about: the workload at the root of a pod's owners. */
  readonly subject: ObjectReference;
}

/** How an OpenReports result is called (openreports.io/v1alpha1): `fail` breaks a rule that denies, `warn` one that warns. */
export type ScanResult = "fail" | "warn" | "skip" | "error";

export function scanResultOf({ effect, enforced }: Pick<ScanFinding, "effect" | "enforced">): ScanResult {
  if (effect === "exempted" || effect === "undetermined") return "skip";
  return enforced === "deny" ? "fail" : enforced === "warn" ? "warn" : "skip";
}

/** What stands in a namespace, or in the cluster itself. */
export interface ScannedPlace {
  /** Empty for what belongs to the cluster. */
  readonly namespace: string;
  readonly objects: number;
  /** Objects that could not be judged. */
  readonly errors: number;
  readonly findings: readonly ScanFinding[];
}
