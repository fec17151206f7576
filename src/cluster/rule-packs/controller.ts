import { FirebreakError, messageOf } from "../../model/errors.ts";
import type { KubernetesObject } from "../../model/kubernetes.ts";
import type { ActiveRevision, Evidence, PackUseSettings, ProvedPack, RulePack, RulePackSpec } from "../../model/rule-pack.ts";
import { type ApiClient, isStatus } from "../api-client.ts";
import { changeStatus } from "../own-status.ts";
import { Reflector } from "../reflector.ts";
import type { Log } from "../settings.ts";
import { Artefacts, artefactLabel } from "./artefacts.ts";
import { checkConflicts, parameterNotes, type Standing } from "./conflicts.ts";
import type { Foundry, Proved } from "./foundry.ts";
import { readSource, sourceDigest } from "./sources.ts";
import { failedVerdicts, withVerdicts } from "./status.ts";

type Status = NonNullable<RulePack["status"]>;

interface RulePackOptions {
  readonly api: ApiClient;
  /** Firebreak's own namespace. */
  readonly namespace: string;
  /** Where bundles are mounted. */
  readonly folder: string;
  readonly foundry: Foundry;
  /** The packs of the configuration. */
  readonly configured: readonly Standing[];
  readonly isLeader: () => boolean;
  readonly log: Log;
}

/** A revision that is in force, by the name of its RulePack. */
export interface NamedRevision extends ActiveRevision {
  readonly rulePack: string;
}

/** What was counted of a binding since it was last written down. */
export interface Counted extends Pick<Evidence, "digest" | "stage" | "evaluations" | "wouldDeny" | "errors"> {
  readonly rulePack: string;
  readonly binding: string;
}

/** Follows RulePacks: every replica learns what is in force, and the leader proves what is new. */
export class RulePacks {
  readonly #options: RulePackOptions;
  readonly #artefacts: Artefacts;
  readonly #pending = new Map<string, boolean>();
  /** What was last worked on, by name: a status that we wrote ourselves is no reason to begin again. */
  readonly #tried = new Map<string, string>();
  readonly #listeners: (() => void)[] = [];
  readonly reflector: Reflector<RulePack>;
  /** ConfigMaps of our own namespace, without those that hold bundles: sources may be among them. */
  readonly #configMaps: Reflector<string>;
  #running = false;

  constructor(options: RulePackOptions) {
    this.#options = options;
    const { api, namespace, log } = options;
    this.#artefacts = new Artefacts(api, namespace);
    this.reflector = new Reflector({
      api,
      name: "rule-packs",
      path: "/apis/firebreak.dev/v1alpha1/rulepacks",
      project: (object: KubernetesObject) => object as RulePack,
      onChange: (name) => this.#changed(name),
      log,
    });
    this.#configMaps = new Reflector({
      api,
      name: "rule-pack-sources",
      path: `/api/v1/namespaces/${namespace}/configmaps`,
      query: { labelSelector: `!${artefactLabel}` },
      project: ({ metadata }) => metadata?.resourceVersion ?? "",
      onChange: (key) => this.#sourceChanged(key.split("/")[1] ?? ""),
      log,
    });
  }

  /** Resolves when what is in force is known; at once where the kind is not installed, which an upgrade by Helm does not do. */
  async start(): Promise<void> {
    this.reflector.start();
    this.#configMaps.start();
    await Promise.race([this.reflector.synced, this.#notInstalled()]);
  }

  #notInstalled(): Promise<void> {
    const { api, log } = this.#options;
    return new Promise((resolve) => {
      api.get("/apis/firebreak.dev/v1alpha1/rulepacks", { limit: 1 }).catch((thrown: unknown) => {
        if (!isStatus(thrown, 404)) return;
        log("RulePack is not installed: apply the chart's crds/ to use rule packs of the cluster", {});
        resolve();
      });
    });
  }

  stop(): void {
    this.reflector.stop();
    this.#configMaps.stop();
  }

  /** Told whenever what is in force may have changed. */
  onRevisions(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** What is in force now. */
  revisions(): NamedRevision[] {
    return this.reflector.entries().flatMap(([rulePack, { status }]) => (status?.active === undefined ? [] : [{ rulePack, ...status.active }]));
  }

  /** The bundle of a revision. */
  bundleOf({ artefact }: ActiveRevision): Promise<Uint8Array> {
    return this.#artefacts.fetch(artefact);
  }

  /** Looks at every RulePack again: sources in files change without a word, and what failed may go well now. */
  lookAtEverything(): void {
    for (const [name] of this.reflector.entries()) this.#enqueue(name, true);
  }

  /** Adds what this replica counted to what is written down; what was counted for another digest or stage begins anew. */
  async addEvidence(counted: readonly Counted[], now: Date): Promise<void> {
    for (const [rulePack, counts] of Map.groupBy(counted, (count) => count.rulePack)) {
      await changeStatus<Status>(this.#options.api, "rulepacks", rulePack, (status) => {
        const bound = new Set(status.active?.bindings.map(({ name }) => name));
        const kept = Object.entries(status.evidence ?? {}).filter(([binding]) => bound.has(binding));
        const evidence = { ...Object.fromEntries(kept) };
        for (const count of counts) if (bound.has(count.binding)) evidence[count.binding] = added(evidence[count.binding], count, now);
        return { ...status, evidence };
      });
    }
  }

  #changed(name: string): void {
    for (const listener of this.#listeners) listener();
    if (this.reflector.has(name)) this.#enqueue(name, false);
    else this.#lookAgainAtFailed(name);
  }

  /** What another one stood in the way of may go well now. */
  #lookAgainAtFailed(changed: string): void {
    for (const [name, { status }] of this.reflector.entries()) {
      if (name !== changed && status?.conditions?.some(({ type, reason }) => type === "Active" && reason !== "InForce")) this.#enqueue(name, true);
    }
  }

  #sourceChanged(configMap: string): void {
    for (const [name, { spec }] of this.reflector.entries()) {
      if (spec?.source.configMap?.name === configMap || spec?.source.bundleConfigMap?.name === configMap) this.#enqueue(name, false);
    }
  }

  #enqueue(name: string, again: boolean): void {
    this.#pending.set(name, again || this.#pending.get(name) === true);
    void this.#drain();
  }

  /** One at a time: a compiler takes a core. */
  async #drain(): Promise<void> {
    if (this.#running || !this.#options.isLeader()) return;
    this.#running = true;
    try {
      for (let [next] = this.#pending; next !== undefined; [next] = this.#pending) {
        const [name, again] = next;
        this.#pending.delete(name);
        await this.#reconcile(name, again).catch((thrown: unknown) =>
          this.#options.log("a rule pack was not worked on", { rulePack: name, error: messageOf(thrown) }),
        );
      }
    } finally {
      this.#running = false;
    }
  }

  async #reconcile(name: string, again: boolean): Promise<void> {
    const stored = this.reflector.get(name);
    const { spec, status, metadata } = stored ?? {};
    if (spec === undefined || metadata?.deletionTimestamp !== undefined) return;
    const generation = metadata?.generation ?? 0;
    const inForce = status?.conditions?.some(
      ({ type, reason, observedGeneration }) => type === "Active" && reason === "InForce" && observedGeneration === generation,
    );
    let proved: Proved | undefined;
    try {
      const source = await readSource(this.#options, spec);
      const digest = sourceDigest(source);
      const key = `${generation} ${digest}`;
      const unchanged = inForce === true && status?.observedSource === digest;
      if (unchanged && (!again || (await this.#artefacts.exists(status?.active?.artefact ?? "")))) return;
      if (this.#tried.get(name) === key && !again) return;
      this.#tried.set(name, key);
      proved = await this.#proved(status, digest, () => this.#options.foundry.prove(source));
      const settings = settingsOf(spec);
      const standing = { ...proved, rulePack: name };
      const others = this.revisions().filter(({ rulePack }) => rulePack !== name);
      checkConflicts(standing, status?.active, [...this.#options.configured, ...others]);
      await this.#options.foundry.checkSettings(proved.bundle, settings);
      const artefact = await this.#artefacts.store({ name, uid: metadata?.uid ?? "" }, proved.digest, proved.bundle);
      const notes = parameterNotes(name, settings.parameters ?? {}, sameUses(others, proved.digest));
      await this.#activate(name, { ...settings, generation, artefact, ...provedFields(proved) }, digest, proved, notes);
      await this.#artefacts.prune(name, [artefact, status?.active?.artefact ?? ""]);
    } catch (thrown) {
      await this.#failed(name, thrown, generation, proved !== undefined);
    }
  }

  /** Settings change more often than packs: what was proved once is not proved again. */
  async #proved(status: RulePack["status"], digest: string, prove: () => Promise<Proved>): Promise<Proved> {
    const { active } = status ?? {};
    if (active !== undefined && status?.observedSource === digest) {
      const bundle = await this.#artefacts.fetch(active.artefact).catch(() => undefined);
      if (bundle !== undefined) return { bundle, ...provedFields(active) };
    }
    return prove();
  }

  async #activate(name: string, active: ActiveRevision, source: string, proved: Proved, notes: readonly string[]): Promise<void> {
    const { tests, signedBy } = proved;
    const verdicts = {
      Verified: {
        status: "True",
        reason: signedBy === undefined ? "WrittenHere" : "Signed",
        message: signedBy === undefined ? "sources are trusted as whoever writes this RulePack is" : `signed by ${signedBy}`,
      },
      Compiled: { status: "True", reason: "Succeeded", message: `${active.pack} ${active.version}, ${active.ruleIds.length} rules` },
      Tested: { status: "True", reason: "Succeeded", message: `${tests.rego} Rego tests and ${tests.cases} cases pass` },
      Active: { status: "True", reason: "InForce", message: `${active.pack} ${active.version} ${active.digest}` },
    } as const;
    await changeStatus<Status>(this.#options.api, "rulepacks", name, (status) => ({
      ...status,
      observedGeneration: active.generation,
      observedSource: source,
      active,
      notes: [...notes],
      conditions: withVerdicts(status.conditions, verdicts, active.generation, new Date()),
    }));
    this.#options.log("a rule pack is in force", {
      rulePack: name,
      pack: active.pack,
      version: active.version,
      digest: active.digest,
      generation: active.generation,
    });
    this.#lookAgainAtFailed(name);
  }

  async #failed(name: string, thrown: unknown, generation: number, proved: boolean): Promise<void> {
    const code = thrown instanceof FirebreakError ? thrown.code : "FBR_INTERNAL";
    this.#options.log("a rule pack is not put in force", { rulePack: name, code, error: messageOf(thrown), generation });
    await changeStatus<Status>(this.#options.api, "rulepacks", name, (status) => {
      const kept = status.active && `${status.active.pack} ${status.active.version}`;
      return {
        ...status,
        observedGeneration: generation,
        conditions: withVerdicts(status.conditions, failedVerdicts(thrown, proved, kept), generation, new Date()),
      };
    });
  }
}

function settingsOf({ tier, priority = 0, profile, parameters, actions, bindings = [] }: RulePackSpec): PackUseSettings {
  return {
    tier,
    priority,
    bindings,
    ...(profile === undefined ? {} : { profile }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(actions === undefined ? {} : { actions }),
  };
}

function provedFields({ pack, version, digest, judges, ruleIds, tests, signedBy }: ProvedPack): ProvedPack {
  return { pack, version, digest, judges, ruleIds, tests, ...(signedBy === undefined ? {} : { signedBy }) };
}

/** Other RulePacks that use the same pack. */
function sameUses(others: readonly NamedRevision[], digest: string) {
  return others.filter((other) => other.digest === digest).map(({ rulePack, parameters = {} }) => ({ rulePack, parameters }));
}

function added(before: Evidence | undefined, { digest, stage, evaluations, wouldDeny, errors }: Counted, now: Date): Evidence {
  const goesOn = before?.digest === digest && before.stage === stage;
  const base = goesOn ? before : { digest, stage, since: now.toISOString(), evaluations: 0, wouldDeny: 0, errors: 0 };
  return { ...base, evaluations: base.evaluations + evaluations, wouldDeny: base.wouldDeny + wouldDeny, errors: base.errors + errors };
}
