import { type Attributes, isNamespace, isNetworkPolicy } from "../model/attributes.ts";
import type { Decision, Evaluated, Failure, Outcome, PatchOperation, Result } from "../model/decision.ts";
import { type ErrorCode, FirebreakError, messageOf } from "../model/errors.ts";
import { defaultPermissionPolicy, noPermissions, type PermissionPolicy } from "../model/exemption.ts";
import { type Facts, noAccess } from "../model/facts.ts";
import type { Labels, NetworkPolicy, ObjectMeta } from "../model/kubernetes.ts";
import { labelOf } from "../model/kubernetes.ts";
import { type Mode, modeOf } from "../model/mode.ts";
import type { EnforcementPoint, Place } from "../model/rule-pack.ts";
import { inheritedLabels, isEnclave, type LabelScheme, modeKey, protectedNamespaceKeys, protectedWorkloadKeys } from "../model/segmentation-labels.ts";
import { hasController, podPath } from "../model/workload.ts";
import { domainLabels } from "../reachability/domain-labels.ts";
import { addressesBefore, judgeChange } from "../reachability/judge-change.ts";
import { policyAddresses } from "../reachability/policy-addresses.ts";
import { appLabelValue } from "../segmentation/app-name.ts";
import { apiServerIngressPrefix, defaultDenyName } from "../segmentation/default-deny.ts";
import { addAbsentKeys } from "../segmentation/json-patch.ts";
import { controllerOf, replicaSetRoot, workloadName } from "../segmentation/root-owner.ts";
import { isMirrorPod, isStampedHere, stampLabels } from "../segmentation/stamp-labels.ts";
import { enforce } from "./enforce.ts";
import type { Permitting } from "./exemptions.ts";
import type { Clock, DefaultDenyKeeper, FactSource, Guardrails, Judgement, ModelSource, OwnKinds, PermissionSource } from "./ports.ts";
import { isHousekeeping, skipReason } from "./scope.ts";

export interface AdmissionSettings {
  readonly scheme: LabelScheme;
  readonly excludedNamespaces: ReadonlySet<string>;
  readonly installedAt: Date;
  /** The mode of what belongs to no namespace. */
  readonly clusterMode: Mode;
  /** ConfigMaps of the cluster resolver, as `namespace/name`. */
  readonly resolverConfigurations: readonly string[];
  readonly permissionPolicy?: PermissionPolicy;
  /** Where questions come from; a webhook's are of admission. */
  readonly point?: EnforcementPoint;
}

/** The API group of Firebreak's own kinds. */
const ownGroup = "firebreak.dev";

export interface AdmissionPorts {
  /** Absent where nobody writes them: in commands. */
  readonly ownKinds?: OwnKinds;
  /** Absent where there are none. */
  readonly permissions?: PermissionSource;
  readonly facts: FactSource;
  readonly guardrails: Guardrails;
  /** Absent where nothing is known but the object itself: it is judged by what it says. */
  readonly model?: ModelSource;
  readonly defaultDeny: DefaultDenyKeeper;
  readonly clock: Clock;
  readonly newId: () => string;
}

/** What one review is decided with. */
export interface ReviewContext {
  readonly attributes: Attributes;
  readonly review: Uint8Array;
  /** Milliseconds of the clock at which an answer is due. */
  readonly deadline: number;
  /** The webhook entry's own failurePolicy: with `Ignore` a failure of ours never refuses. */
  readonly failurePolicy: "Fail" | "Ignore";
}

/** What the phases leave to be told: everything of a Decision that is not the same for all. */
interface Verdict {
  readonly outcome: Outcome;
  readonly mode?: Mode | undefined;
  readonly patch?: readonly PatchOperation[];
  readonly results?: readonly Result[];
  readonly notices?: readonly string[];
  readonly failure?: Failure;
  readonly evaluated?: readonly Evaluated[];
  readonly evaluationMicros?: number;
}

const failureCodes: Partial<Record<ErrorCode, number>> = { FBR_OVERLOADED: 429 };
const codes: Record<Outcome, number> = { allowed: 200, refused: 403, undecided: 503, malformed: 422 };

/** Decides reviews: gathers facts, asks the guardrails, and turns what they say into one Decision. Writes nothing but the default deny. */
export class Admission {
  readonly #settings: AdmissionSettings;
  readonly #ports: AdmissionPorts;
  /** Facts for rules that are the same for every request. */
  readonly #settledFacts: object;

  constructor(settings: AdmissionSettings, ports: AdmissionPorts) {
    this.#settings = settings;
    this.#ports = ports;
    const { scheme, resolverConfigurations } = settings;
    this.#settledFacts = {
      tenantKey: scheme.keys.tenant,
      protectedKeys: protectedWorkloadKeys(scheme).filter((key) => key !== scheme.keys.app),
      protectedNamespaceKeys: protectedNamespaceKeys(scheme),
      modeKey,
      exposureKey: scheme.keys.exposure,
      reserved: { policyNames: [defaultDenyName], policyPrefix: apiServerIngressPrefix },
      resolverConfigurations,
    };
  }

  /** Never throws: a failure is a Decision too. */
  async decide(context: ReviewContext): Promise<Decision> {
    const { clock } = this.#ports;
    const startedAt = clock.now();
    const started = clock.micros();
    const verdict = await this.#verdict(context).catch((thrown: unknown) => failed(thrown, context.failurePolicy));
    return {
      id: this.#ports.newId(),
      attributes: context.attributes,
      outcome: verdict.outcome,
      code: verdict.outcome === "undecided" && verdict.failure ? (failureCodes[verdict.failure.code] ?? 503) : codes[verdict.outcome],
      patch: verdict.patch ?? [],
      results: verdict.results ?? [],
      evaluated: verdict.evaluated ?? [],
      notices: verdict.notices ?? [],
      ...(verdict.mode === undefined ? {} : { mode: verdict.mode }),
      ...(verdict.failure === undefined ? {} : { failure: verdict.failure }),
      timings: { startedAt, totalMicros: clock.micros() - started, evaluationMicros: verdict.evaluationMicros ?? 0 },
    };
  }

  async #verdict(context: ReviewContext): Promise<Verdict> {
    const { attributes } = context;
    if (skipReason(attributes, this.#settings) !== undefined) return { outcome: "allowed" };
    if (attributes.kind.group === ownGroup && this.#ports.ownKinds !== undefined) return this.#judgeOwn(attributes, this.#ports.ownKinds);
    return attributes.phase === "mutating" ? this.#mutate(attributes) : this.#validate(context);
  }

  /** Firebreak's own kinds belong to the cluster and hold in every mode: what is not known is not let through. */
  async #judgeOwn(attributes: Attributes, ownKinds: OwnKinds): Promise<Verdict> {
    if (attributes.phase === "mutating") return { outcome: "allowed", patch: ownKinds.stamp(attributes) };
    try {
      return { outcome: "allowed", notices: await ownKinds.review(attributes) };
    } catch (thrown) {
      const verdict = failed(thrown, "Fail");
      return verdict.failure?.code === "FBR_FACTS_UNAVAILABLE" ? verdict : { ...verdict, outcome: "refused" };
    }
  }

  async #mutate(attributes: Attributes): Promise<Verdict> {
    if (isNamespace(attributes.kind)) return { outcome: "allowed", patch: this.#stampMode(attributes) };
    if (!isStampedHere(attributes)) return { outcome: "allowed" };
    const facts = await this.#ports.facts.factsFor(attributes);
    const mode = facts.namespace?.mode;
    if (mode === undefined || mode === "observe") return { outcome: "allowed", mode };
    const domains = this.#ports.model === undefined ? {} : domainLabels(this.#ports.model.current(attributes), attributes);
    const inherited = { ...domains, ...this.#inherited(facts) };
    return { outcome: "allowed", mode, patch: stampLabels(attributes, inherited, applicationName(attributes, facts), this.#settings.scheme.keys) };
  }

  /** A namespace whose mode follows from its age and its tenant gets it written down, so that its webhook entry can fail closed. */
  #stampMode({ object, subResource }: Attributes): PatchOperation[] {
    const metadata = object?.metadata;
    if (metadata === undefined || subResource !== "" || labelOf(metadata.labels, modeKey) !== undefined) return [];
    const mode = this.#derivedMode(metadata);
    return mode === "enforce" ? addAbsentKeys(object, ["metadata", "labels"], new Map([[modeKey, mode]])) : [];
  }

  async #validate({ attributes, review, deadline }: ReviewContext): Promise<Verdict> {
    if (isHousekeeping(attributes)) return { outcome: "allowed" };
    const facts = await this.#ports.facts.factsFor(attributes);
    const mode = this.#modeFor(attributes, facts);
    const judgement = await this.#judge(attributes, review, facts);
    const results = enforce(judgement.findings, {
      attributes,
      mode,
      missing: [...(facts.missing ?? []), ...(judgement.missing ?? [])],
      permitting: this.#permitting(),
    });
    const { evaluated, evaluationMicros } = judgement;
    const known = { mode, results, evaluated, evaluationMicros };
    if (results.some(({ effect }) => effect === "deny")) return { outcome: "refused", ...known };
    const notices = this.#notices(attributes, facts);
    if (!needsDefaultDeny(attributes, facts)) return { outcome: "allowed", ...known, notices };
    if (attributes.dryRun) return { outcome: "allowed", ...known, notices: [...notices, ...dryRunNotice(facts)] };
    try {
      await this.#ports.defaultDeny.ensureStored(attributes.namespace, deadline);
      return { outcome: "allowed", ...known, notices };
    } catch (thrown) {
      return { ...known, ...failed(thrown, "Fail") };
    }
  }

  #permitting(): Permitting {
    const { permissions, clock } = this.#ports;
    return { permissions: permissions?.current() ?? noPermissions, policy: this.#settings.permissionPolicy ?? defaultPermissionPolicy, now: clock.now() };
  }

  #judge(attributes: Attributes, review: Uint8Array, facts: Facts): Promise<Judgement> {
    return this.#ports.guardrails.judge({
      attributes,
      review,
      facts: this.#ruleFacts(attributes, facts),
      ...this.#effects(attributes),
      point: this.#settings.point ?? "admission",
      place: placeOf(attributes, facts),
      enclave: this.#inEnclave(attributes, facts),
      now: this.#ports.clock.now(),
    });
  }

  /** What the change does to what reaches what, and what the old object did by itself. */
  #effects(attributes: Attributes): { readonly effect: object; readonly effectBefore: object } {
    const { model, clock } = this.#ports;
    if (model === undefined) return { effect: effectOf(attributes, attributes.object), effectBefore: effectOf(attributes, attributes.oldObject) };
    const cluster = model.current(attributes);
    return { effect: judgeChange(cluster, attributes, clock.now()), effectBefore: addressesBefore(cluster, attributes) };
  }

  /** The facts as rules read them: `policies/schemas/input.json` describes them. */
  #ruleFacts(attributes: Attributes, facts: Facts): object {
    const { namespace, defaultDenyStored, livePods, reservedPolicyIntact, access, deniedDirections } = facts;
    const metadata = attributes.object?.metadata;
    return {
      namespace: namespace && { name: namespace.name, labels: namespace.labels, mode: namespace.mode, terminating: namespace.terminating },
      ...(facts.missing?.includes("enclave") ? {} : { enclave: this.#inEnclave(attributes, facts) }),
      inherited: this.#inherited(facts),
      ...this.#settledFacts,
      ...(isNamespace(attributes.kind) && metadata ? { derivedMode: this.#derivedMode(metadata) } : {}),
      defaultDenyStored: defaultDenyStored ?? false,
      reservedPolicyIntact: reservedPolicyIntact ?? false,
      // A fact that is missing never excuses: what is found without it is undetermined.
      livePods: livePods ?? (facts.missing?.includes("livePods") ? 1 : 0),
      access: access ?? noAccess,
      deniedDirections: deniedDirections ?? [],
    };
  }

  /** The mode that a namespace has without a label of its own. */
  #derivedMode(metadata: ObjectMeta): Mode {
    const { [modeKey]: _, ...labels } = metadata.labels ?? {};
    return modeOf(this.#settings.scheme, { ...metadata, labels }, this.#settings.installedAt);
  }

  /** A Namespace is judged in its own mode; what belongs to none in the cluster's. */
  #modeFor({ kind, namespace, object, oldObject }: Attributes, facts: Facts): Mode | undefined {
    if (facts.mode !== undefined) return facts.mode;
    if (isNamespace(kind)) return modeOf(this.#settings.scheme, (object ?? oldObject)?.metadata ?? {}, this.#settings.installedAt);
    return namespace === "" ? this.#settings.clusterMode : facts.namespace?.mode;
  }

  #inEnclave({ kind, object, oldObject }: Attributes, facts: Facts): boolean {
    const labels = isNamespace(kind) ? (object ?? oldObject)?.metadata?.labels : facts.namespace?.labels;
    return isEnclave(this.#settings.scheme, labels);
  }

  #inherited(facts: Facts): Labels {
    return Object.fromEntries(inheritedLabels(this.#settings.scheme, facts.namespace?.labels));
  }

  #notices(attributes: Attributes, facts: Facts): string[] {
    const { kind, operation, object, name, namespace } = attributes;
    if (operation !== "CREATE") return [];
    if (isNamespace(kind)) {
      return labelOf(object?.metadata?.labels, modeKey) === "enforce"
        ? [`namespace ${name} is isolated: its pods reach only what ${defaultDenyName} and your policies open`]
        : [];
    }
    if (facts.firstWorkload !== true || podPath(kind) === undefined || hasController(object?.metadata)) return [];
    if (facts.namespace?.mode === "stage") return [`in enforce, ${defaultDenyName} would isolate ${namespace}: write your NetworkPolicies now`];
    return facts.namespace?.mode === "enforce" ? [`${defaultDenyName} isolates ${namespace}: open what you need with a NetworkPolicy of your own`] : [];
  }
}

/** A Namespace stands in itself, with the labels that it is to have. */
function placeOf({ kind, name, namespace, object, oldObject }: Attributes, facts: Facts): Place {
  if (!isNamespace(kind)) return { namespace, labels: facts.namespace?.labels ?? (namespace === "" ? {} : undefined) };
  const { metadata } = object ?? oldObject ?? {};
  return { namespace: name || (metadata?.name ?? ""), labels: metadata?.labels ?? {} };
}

/** Host-network pods escape policies, but their namespace is isolated all the same; only a mirror pod cannot wait. */
function needsDefaultDeny(attributes: Attributes, facts: Facts): boolean {
  const { kind, operation, subResource } = attributes;
  return kind.kind === "Pod" && operation === "CREATE" && subResource === "" && facts.namespace?.mode === "enforce" && !isMirrorPod(attributes);
}

function dryRunNotice({ defaultDenyStored }: Facts): string[] {
  return defaultDenyStored === true ? [] : [`dry run: ${defaultDenyName} is not stored yet, a real request stores it first`];
}

/** A bare pod is no application; a pod is named after its root owner; a workload after itself. */
function applicationName({ kind, object }: Attributes, facts: Facts): string | undefined {
  const controller = controllerOf(object);
  if (kind.kind !== "Pod") return labelValue(workloadName(object));
  if (controller === undefined || object === undefined) return undefined;
  return labelValue(facts.rootOwner ?? (controller.kind === "ReplicaSet" ? replicaSetRoot(object, controller) : controller.name));
}

function labelValue(name: string | undefined): string | undefined {
  return name === undefined ? undefined : appLabelValue(name);
}

function effectOf({ kind }: Attributes, object: NetworkPolicy | undefined): object {
  return isNetworkPolicy(kind) && object !== undefined ? { addresses: policyAddresses(object.spec) } : {};
}

function failed(thrown: unknown, failurePolicy: "Fail" | "Ignore"): Verdict {
  const failure: Failure =
    thrown instanceof FirebreakError ? { code: thrown.code, message: thrown.message } : { code: "FBR_INTERNAL", message: messageOf(thrown) };
  if (thrown instanceof FirebreakError && (thrown.refuses || (failure.code === "FBR_PACK_QUARANTINED" && failurePolicy === "Fail")))
    return { outcome: "refused", failure };
  if (failurePolicy === "Ignore") return { outcome: "allowed", failure, notices: [`Firebreak could not judge this request: ${failure.message}`] };
  return { outcome: "undecided", failure };
}
