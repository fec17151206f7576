import type { EnforcementAction, Tier } from "./decision.ts";
import type { KubernetesObject, LabelSelector, Labels } from "./kubernetes.ts";
import { selects } from "./label-selector.ts";

/**
 * How far a pack is rolled out somewhere: `draft` is compiled and tested only; `dryrun` is judged and recorded; `warn` tells the
 * user; `enforce` lets the rules' own actions hold.
 */
export const stages = ["draft", "dryrun", "warn", "enforce"] as const;
export type Stage = (typeof stages)[number];

/** Where rules are asked: by the webhook, by the scan of what stands, by commands before anything is sent. */
export const enforcementPoints = ["admission", "scan", "ci"] as const;
export type EnforcementPoint = (typeof enforcementPoints)[number];

/** Where a pack holds, and how far. All conditions that are given must hold; without any it is everywhere, the cluster's own objects too. */
export interface Binding {
  readonly name: string;
  readonly namespaces?: readonly string[];
  readonly excludedNamespaces?: readonly string[];
  readonly namespaceSelector?: LabelSelector;
  readonly admission?: Stage;
  readonly scan?: Stage;
  readonly ci?: Stage;
}

export interface PackKey {
  readonly id: string;
  /** PEM of a public key. */
  readonly publicKey: string;
}

/** Where a pack comes from: exactly one of them. ConfigMaps stand in Firebreak's own namespace. */
export interface PackSource {
  /** Sources by flat name or path. */
  readonly inline?: { readonly files: Readonly<Record<string, string>> };
  readonly configMap?: { readonly name: string };
  readonly bundleConfigMap?: { readonly name: string; readonly key: string };
  /** A file below the folder that the configuration names. */
  readonly bundleFile?: { readonly path: string };
}

/** How a pack is set up: everything of a RulePack but where the pack comes from. */
export interface PackUseSettings {
  readonly tier: Tier;
  readonly priority: number;
  readonly profile?: string;
  /** By rule id. */
  readonly parameters?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly actions?: Readonly<Record<string, EnforcementAction>>;
  readonly bindings: readonly Binding[];
}

export interface RulePackSpec extends Partial<PackUseSettings> {
  readonly tier: Tier;
  readonly source: PackSource;
  readonly trustedKeys?: readonly PackKey[];
}

/** What was proved of a pack: that it compiles, passes its tests and is what it says it is. */
export interface ProvedPack {
  readonly pack: string;
  readonly version: string;
  readonly digest: string;
  /** What its rules are asked about, `CREATE /Pod`: known even where the pack itself cannot be loaded. */
  readonly judges: readonly string[];
  readonly ruleIds: readonly string[];
  /** How many tests it passed. */
  readonly tests: { readonly rego: number; readonly cases: number };
  /** The key that signed it; absent for sources. */
  readonly signedBy?: string;
}

/** The revision that is in force: written by the leader once everything about it was proved, and read by every replica. */
export interface ActiveRevision extends PackUseSettings, ProvedPack {
  readonly generation: number;
  /** The ConfigMap in Firebreak's namespace that holds the bundle. */
  readonly artefact: string;
}

export interface Condition {
  readonly type: "Compiled" | "Tested" | "Verified" | "Active";
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
  readonly observedGeneration?: number;
}

/** What a binding has seen since it has been what it is. */
export interface Evidence {
  readonly digest: string;
  readonly stage: Stage;
  /** RFC 3339. */
  readonly since: string;
  readonly evaluations: number;
  /** Changes that would be refused in `enforce`. */
  readonly wouldDeny: number;
  readonly errors: number;
}

/** `firebreak.dev/v1alpha1 RulePack`, cluster scope. */
export interface RulePack extends KubernetesObject {
  readonly spec?: RulePackSpec;
  readonly status?: {
    readonly observedGeneration?: number;
    /** Digest of the source that was last worked on, good or bad. */
    readonly observedSource?: string;
    readonly active?: ActiveRevision;
    readonly conditions?: readonly Condition[];
    readonly evidence?: Readonly<Record<string, Evidence>>;
    readonly notes?: readonly string[];
  };
}

/** Where something stands that is judged: a namespace with its labels, or nowhere. */
export interface Place {
  /** Empty for what belongs to the cluster. */
  readonly namespace: string;
  /** Undefined where they are not known: then every selector counts as if it selected. */
  readonly labels: Labels | undefined;
}

/** The binding that holds for a place, and its stage there: of several, the strictest. Undefined where none binds the pack. */
export function bindingAt(
  bindings: readonly Binding[],
  point: EnforcementPoint,
  place: Place,
): { readonly binding: string; readonly stage: Stage } | undefined {
  let strictest: { binding: string; stage: Stage } | undefined;
  for (const binding of bindings) {
    const stage = binding[point] ?? "draft";
    if (stage === "draft" || !holdsAt(binding, place)) continue;
    if (strictest === undefined || stages.indexOf(stage) > stages.indexOf(strictest.stage)) strictest = { binding: binding.name, stage };
  }
  return strictest;
}

function holdsAt({ namespaces, excludedNamespaces, namespaceSelector }: Binding, { namespace, labels }: Place): boolean {
  const narrowed = (namespaces?.length ?? 0) > 0 || namespaceSelector !== undefined;
  if (namespace === "") return !narrowed;
  if (namespaces !== undefined && namespaces.length > 0 && !namespaces.includes(namespace)) return false;
  return excludedNamespaces?.includes(namespace) !== true && (labels === undefined || selects(namespaceSelector, labels));
}

/** An action as far as a stage lets it go. */
export function actionAtStage(action: EnforcementAction, stage: Stage): EnforcementAction {
  if (stage === "enforce" || action === "dryrun") return action;
  return stage === "warn" ? "warn" : "dryrun";
}
