import type { Attributes } from "../model/attributes.ts";
import type { Control, Decision, EnforcementAction, Evaluated, PatchOperation, Severity, Tier, Violation } from "../model/decision.ts";
import type { Permissions } from "../model/exemption.ts";
import type { FactName, Facts } from "../model/facts.ts";
import type { EnforcementPoint, Place, Stage } from "../model/rule-pack.ts";
import type { ClusterModel } from "../reachability/cluster-model.ts";

/** Cluster state for one request. Throws FirebreakError FBR_FACTS_UNAVAILABLE where it is missing or stale. */
export interface FactSource {
  factsFor(attributes: Attributes): Promise<Facts>;
}

/** Makes sure that a namespace has its default deny. Resolves once it is stored. */
export interface DefaultDenyKeeper {
  /** Throws FirebreakError FBR_DEFAULT_DENY_NOT_STORED where it is not stored before the deadline. */
  ensureStored(namespace: string, deadline: number): Promise<void>;
}

/** An entry of `params.allow`: where a rule's violation is permitted, and why. All fields that are given must match. */
export interface AllowEntry {
  readonly namespace?: string;
  /** The service account of the pod. */
  readonly serviceAccount?: string;
  /** Who makes the change, as the API server names them. */
  readonly user?: string;
  readonly owner?: { readonly kind: string; readonly name: string };
  readonly imagePrefix?: string;
  readonly container?: string;
  readonly capabilities?: readonly string[];
  readonly reason: string;
  /** RFC 3339; inert from then on. */
  readonly expires?: string;
}

/** A violation with what the catalogue says of its rule. */
export interface Finding {
  readonly violation: Violation;
  readonly title: string;
  readonly severity: Severity;
  readonly tier: Tier;
  readonly action: EnforcementAction;
  readonly controls: readonly Control[];
  /** The facts that the verdict rests on. */
  readonly restsOn: readonly FactName[];
  /** The same violation stood on the old object. */
  readonly preExisting: boolean;
  readonly allow: readonly AllowEntry[];
  readonly pack: string;
  readonly packDigest: string;
  /** The RulePack that asks the rule here, by which binding, and how far it is rolled out. */
  readonly rulePack: string;
  readonly binding: string;
  readonly stage: Stage;
  /** Orders what packs of one tier say: the higher goes before. */
  readonly priority: number;
}

export interface Judgement {
  readonly findings: readonly Finding[];
  /** The packs that were asked, each by the binding that holds here. */
  readonly evaluated: readonly Evaluated[];
  /** Facts that packs declared and nobody could tell them. */
  readonly missing?: readonly FactName[];
  readonly evaluationMicros: number;
}

export interface GuardrailQuestion {
  readonly attributes: Attributes;
  /** The AdmissionReview's own bytes. */
  readonly review: Uint8Array;
  readonly facts: object;
  readonly effect: object;
  readonly effectBefore: object;
  /** Where the question comes from: packs may be rolled out further at one point than at another. */
  readonly point: EnforcementPoint;
  /** Where the object stands: packs are bound to places. */
  readonly place: Place;
  /** Whether the change concerns an enclave, where rules may have a stricter action. */
  readonly enclave: boolean;
  readonly now: Date;
}

/**
 * The cluster that changes are judged against, as it is known now.
 *
 * @throws FirebreakError FBR_FACTS_UNAVAILABLE where it is not known well enough.
 */
export interface ModelSource {
  /** @param change what is judged: a command's files are the cluster with the change in it, and it is asked for without. */
  current(change: Attributes): ClusterModel;
}

/** Throws FirebreakError FBR_OVERLOADED, FBR_DEADLINE or FBR_EVALUATION_FAILED; `GuardrailFailure` says for which tier. */
export interface Guardrails {
  judge(question: GuardrailQuestion): Promise<Judgement>;
}

/** Exemptions with their approvals, and broken glasses, as they are known now. */
export interface PermissionSource {
  current(): Permissions;
}

/** Judges and completes writes of Firebreak's own kinds, which no rule pack judges. */
export interface OwnKinds {
  /**
   * What is to be told of a write that is good.
   *
   * @throws FirebreakError with why it is refused; FBR_FACTS_UNAVAILABLE where that cannot be known.
   */
  review(attributes: Attributes): Promise<readonly string[]>;
  /** What only the API server knows of the writer, written into the object. */
  stamp(attributes: Attributes): readonly PatchOperation[];
}

/** Keeps the record of decisions. */
export interface Recorder {
  /** Resolves once the record is written: the answer waits for it. */
  record(decision: Decision): Promise<void>;
}

export interface Clock {
  now(): Date;
  /** A clock that only goes forward, in microseconds. */
  micros(): number;
}
