import type { Standing } from "../cluster/rule-packs/conflicts.ts";
import type { NamedRevision, RulePacks } from "../cluster/rule-packs/controller.ts";
import type { GuardrailEngine } from "../guardrails/engine.ts";
import type { PackUse, UnloadedUse } from "../guardrails/pack-use.ts";
import { messageOf } from "../model/errors.ts";
import { useOfRevision } from "./revision-use.ts";

interface FollowerOptions {
  readonly rulePacks: RulePacks;
  readonly engine: GuardrailEngine;
  /** The packs of the configuration: they hold whatever RulePacks say. */
  readonly configured: readonly PackUse[];
  readonly log: (message: string, fields: object) => void;
  readonly alarm: (kind: string, message: string, fields: object) => void;
  /** Told once others are in place. */
  readonly onReplaced: () => void;
}

interface Loaded {
  /** Tells two revisions apart. */
  readonly key: string;
  readonly use: PackUse | UnloadedUse;
}

/** How soon a revision that could not be loaded is tried again. */
const retryMillis = 5000;

/** Brings what is in force to the engine: fetched by digest, loaded, and put in place as a whole. The last good revision stays until the next one stands. */
export class RevisionFollower {
  readonly #options: FollowerOptions;
  #loaded = new Map<string, Loaded>();
  #due = false;
  #working: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: FollowerOptions) {
    this.#options = options;
    options.rulePacks.onRevisions(() => void this.follow());
  }

  /** Resolves once the engine has what is in force now. */
  follow(): Promise<void> {
    this.#due = true;
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
    return this.#working;
  }

  stop(): void {
    clearTimeout(this.#retry);
  }

  async #work(): Promise<void> {
    while (this.#due) {
      this.#due = false;
      try {
        await this.#bring(this.#options.rulePacks.revisions());
      } catch (thrown) {
        this.#options.alarm("rule-packs", "what is in force could not be put in place; what held before holds on", { error: messageOf(thrown) });
        this.#tryAgain();
      }
    }
  }

  async #bring(revisions: readonly NamedRevision[]): Promise<void> {
    const next = new Map<string, Loaded>();
    for (const revision of revisions) next.set(revision.rulePack, await this.#load(revision));
    const before = this.#options.engine.uses;
    const uses = [...this.#options.configured, ...[...next.values()].map(({ use }) => use)];
    if (uses.length !== before.length || uses.some((use, index) => use !== before[index])) {
      await this.#options.engine.replace(uses);
      this.#options.onReplaced();
      this.#options.log("rule packs are in place", {
        rulePacks: revisions.map(({ rulePack, pack, version, generation }) => ({ rulePack, pack, version, generation })),
      });
    }
    this.#loaded = next;
  }

  async #load(revision: NamedRevision): Promise<Loaded> {
    const { rulePack, tier, priority, bindings } = revision;
    const key = JSON.stringify(revision);
    const known = this.#loaded.get(rulePack);
    if (known?.key === key && "pack" in known.use) return known;
    try {
      return { key, use: await useOfRevision(rulePack, revision, await this.#options.rulePacks.bundleOf(revision)) };
    } catch (thrown) {
      this.#options.alarm("rule-packs", "a rule pack that is in force could not be loaded", { rulePack, digest: revision.digest, error: messageOf(thrown) });
      this.#tryAgain();
      if (known !== undefined && "pack" in known.use) return known;
      return { key, use: { name: rulePack, tier, priority, bindings, judges: revision.judges, why: messageOf(thrown) } };
    }
  }

  #tryAgain(): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.follow(), retryMillis).unref();
  }
}

/** What the packs of the configuration stand for among RulePacks. */
export function standingOf({ name, pack }: PackUse): Standing {
  const { manifest, rules } = pack.catalogue;
  return { rulePack: `the configuration (${name})`, pack: manifest.name, version: manifest.version, digest: pack.digest, ruleIds: rules.map(({ id }) => id) };
}
