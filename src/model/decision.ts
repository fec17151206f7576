import type { Attributes } from "./attributes.ts";
import type { ErrorCode } from "./errors.ts";
import type { FactName } from "./facts.ts";
import type { JsonValue } from "./kubernetes.ts";
import type { Mode } from "./mode.ts";
import type { Stage } from "./rule-pack.ts";

export type EnforcementAction = "deny" | "warn" | "dryrun";
export type Tier = "Mandatory" | "Standard" | "Advisory";
export type Severity = "critical" | "high" | "medium" | "low";

/** One operation of an RFC 6902 JSON Patch. Only additions and tests are ever built: nothing of the user's is replaced. */
export interface PatchOperation {
  readonly op: "add";
  readonly path: string;
  readonly value: JsonValue;
}

/** A control that a rule supports: `{ framework: "pci-dss", version: "4.0.1", id: "1.3.2" }`. */
export interface Control {
  readonly framework: string;
  readonly version: string;
  readonly id: string;
  /** Whether a compliance owner confirmed the mapping. */
  readonly reviewed: boolean;
}

/** What a rule itself returns. `path` is the field as a person writes it (`spec.egress[0].to[1].ipBlock.cidr`). */
export interface Violation {
  readonly ruleId: string;
  readonly message: string;
  readonly path: string;
  readonly fix: string;
  readonly details: JsonValue;
}

/**
 * What became of a violation: `exempted` by an Exemption or by `params.allow`, `deny`, `warn`, `dryrun`, or `undetermined` where a fact that
 * it rests on is missing.
 */
export type Effect = EnforcementAction | "exempted" | "undetermined";

/** A violation with everything that the catalogue knows of its rule and what was decided about it. */
export interface Result extends Violation {
  readonly title: string;
  readonly severity: Severity;
  readonly tier: Tier;
  readonly controls: readonly Control[];
  readonly effect: Effect;
  /** The missing facts of an undetermined result. */
  readonly missing?: readonly FactName[];
  /** The same rule, path and value stood on the old object: the change did not make it. */
  readonly preExisting: boolean;
  readonly pack: string;
  readonly packDigest: string;
  readonly rulePack: string;
  readonly binding: string;
  /** What it would be were its pack enforced here. */
  readonly enforced: EnforcementAction;
  /** The exemptions that permit it, by name. */
  readonly exemptions?: readonly string[];
  /** The break-glass that made a refusal a warning. */
  readonly breakGlass?: string;
}

/** A pack that was asked: the RulePack, the binding that holds, and how far it is rolled out there. */
export interface Evaluated {
  readonly rulePack: string;
  readonly binding: string;
  readonly stage: Stage;
  readonly packDigest: string;
  /** It did not answer, and its stage or tier does not make that a refusal. */
  readonly failure?: string;
}

/**
 * `allowed`; `refused` (a rule said no: 403); `undecided` (not decided, the client retries: 429, 503);
 * `malformed` (what arrived cannot be judged: 400, 413, 422).
 */
export type Outcome = "allowed" | "refused" | "undecided" | "malformed";

export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
}

/** The whole answer to one review: the only value that leaves the core. Answer, record and metrics are views of it. */
export interface Decision {
  readonly id: string;
  readonly outcome: Outcome;
  /** HTTP-like status: 200, 400, 403, 413, 422, 429, 503. */
  readonly code: number;
  readonly attributes: Attributes;
  /** The mode of the request's namespace; absent where it has none or it was not needed. */
  readonly mode?: Mode;
  readonly patch: readonly PatchOperation[];
  readonly results: readonly Result[];
  readonly evaluated: readonly Evaluated[];
  /** Sentences for the user that are no violation: what was cut, what a dry run left out. */
  readonly notices: readonly string[];
  readonly failure?: Failure;
  readonly timings: Timings;
}

export interface Timings {
  readonly startedAt: Date;
  readonly totalMicros: number;
  readonly evaluationMicros: number;
}
