import type { Finding, GuardrailQuestion } from "../admission/ports.ts";
import type { Evaluated, Tier } from "../model/decision.ts";
import { FirebreakError, messageOf } from "../model/errors.ts";
import type { DeclaredFact, FactName } from "../model/facts.ts";
import { bindingAt } from "../model/rule-pack.ts";
import { EvaluatorPool, type PoolOptions } from "./evaluator-pool.ts";
import { type FactFeed, fixedFeed } from "./fact-feed.ts";
import { findingsOf } from "./findings.ts";
import { indexRules, type PackUse, packFolder, type UnloadedUse } from "./pack-use.ts";
import { Quarantine } from "./quarantine.ts";
import { ruleInput } from "./rule-input.ts";

export interface JudgeOptions extends PoolOptions {
  /** Who knows what a pack declares that it reads of the cluster; without it, nothing of that is known. */
  readonly feed?: (declared: readonly DeclaredFact[]) => FactFeed;
  /** Told of each question that a pack did not answer. */
  readonly onFailure?: (evaluated: Evaluated) => void;
  /** Told when a pack begins to be kept out, and when it is trusted again. */
  readonly onQuarantine?: (rulePack: string, quarantined: boolean) => void;
}

/** A thread stands within a tenth of a second; on a machine that starts many at once, within a few. */
const readyMillis = 15_000;

/** What one pack said, and that it was asked. */
export interface PackJudgement {
  readonly findings: readonly Finding[];
  readonly evaluated: Evaluated;
  readonly micros: number;
  /** Declared facts that are not known: what is found without them is undetermined. */
  readonly missing: readonly FactName[];
}

/** One use of a pack, with the threads that evaluate it. */
export class Judge {
  readonly use: PackUse | UnloadedUse;
  readonly #options: JudgeOptions;
  readonly #pool: EvaluatorPool | undefined;
  readonly #index: ReturnType<typeof indexRules>;
  readonly #judges: ReadonlySet<string>;
  readonly #quarantine: Quarantine;
  readonly #feed: FactFeed | undefined;
  #asked = 0;
  #retired = false;

  constructor(use: PackUse | UnloadedUse, options: JudgeOptions) {
    this.use = use;
    this.#options = options;
    this.#pool = "pack" in use ? new EvaluatorPool(use.pack, options) : undefined;
    this.#index = "pack" in use ? indexRules(use.pack) : new Map();
    this.#judges = "pack" in use ? new Set(this.#index.keys()) : new Set(use.judges);
    this.#feed = this.#feedOf(use);
    this.#quarantine = new Quarantine((quarantined) => options.onQuarantine?.(use.name, quarantined));
  }

  /**
   * Resolves once questions are answered without a wait.
   *
   * @throws FirebreakError FBR_PACK_LIMIT where no thread stands after long enough.
   */
  async ready(): Promise<void> {
    if (this.#pool === undefined) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new FirebreakError("FBR_PACK_LIMIT", `the threads of ${this.use.name} did not stand within ${readyMillis} ms`);
      timer = setTimeout(() => reject(error), readyMillis);
    });
    await Promise.race([this.#pool.ready(), late]).finally(() => clearTimeout(timer));
  }

  /**
   * Undefined where the pack has nothing to say of such a request here.
   *
   * @throws FirebreakError where it did not answer and must: it is enforced here, and its tier is not Advisory. `refuses` says that it is Mandatory.
   */
  async judge(question: GuardrailQuestion): Promise<PackJudgement | undefined> {
    const { kind, operation } = question.attributes;
    const key = `${operation} ${kind.group}/${kind.kind}`;
    if (!this.#judges.has(key)) return undefined;
    const bound = bindingAt(this.use.bindings, question.point, question.place);
    if (bound === undefined) return undefined;
    const evaluated = { rulePack: this.use.name, ...bound, packDigest: "pack" in this.use ? this.use.pack.digest : "" };
    this.#asked += 1;
    try {
      return { evaluated, ...(await this.#evaluate(question, key, bound)) };
    } catch (thrown) {
      const failure = `${codeOf(thrown)}: ${messageOf(thrown)}`;
      this.#options.onFailure?.({ ...evaluated, failure });
      if (bound.stage !== "enforce" || this.#tier === "Advisory") {
        this.#options.log("a pack did not answer, and its stage or tier does not ask for more than this line", { rulePack: this.use.name, ...bound, failure });
        return { findings: [], evaluated: { ...evaluated, failure }, micros: 0, missing: [] };
      }
      if (this.#tier !== "Mandatory") throw thrown;
      throw new FirebreakError(codeOf(thrown), messageOf(thrown), { cause: thrown, refuses: true });
    } finally {
      this.#asked -= 1;
      this.#closeIfDone();
    }
  }

  /** No more questions come; those that were asked are still answered. */
  retire(): void {
    this.#retired = true;
    this.#closeIfDone();
  }

  async close(): Promise<void> {
    this.#feed?.stop();
    await this.#pool?.close();
  }

  async #evaluate(question: GuardrailQuestion, key: string, bound: { binding: string; stage: Evaluated["stage"] }) {
    const { use } = this;
    if (!("pack" in use)) throw new FirebreakError("FBR_PACK_INVALID", `the rule pack ${use.name} is to hold here and could not be loaded: ${use.why}`);
    this.#quarantine.check(use.name);
    const rules = this.#index.get(key) ?? [];
    const unknown = this.#feed?.missing() ?? [];
    const missing = unknown.filter((fact) => rules.some((rule) => rule.facts.includes(fact)));
    // A webhook never answers without a fact: whoever asks asks again.
    if (question.point === "admission" && missing.length > 0)
      throw new FirebreakError("FBR_FACTS_UNAVAILABLE", `${use.name} reads ${missing.join(", ")}, which is not known now`);
    const { facts, effect, effectBefore, now } = question;
    const context = { pack: packFolder(use.pack), rules: rules.map((rule) => rule.package), facts, effect, effectBefore, now: now.toISOString() };
    try {
      const { result, micros } = await (this.#pool as EvaluatorPool).evaluate(ruleInput(question.review, context));
      const findings = findingsOf({ use, rules, question, ...bound }, result);
      this.#quarantine.answered();
      return { findings, micros, missing };
    } catch (thrown) {
      // What stands in a cluster must not keep a pack from judging what comes: only requests count.
      if (question.point === "admission" && codeOf(thrown) !== "FBR_OVERLOADED") this.#quarantine.tripped();
      throw thrown;
    }
  }

  /** Where each rule has its own, the pack fails as its manifest says. */
  get #tier(): Tier {
    return this.use.tier ?? ("pack" in this.use ? this.use.pack.catalogue.manifest.tier : "Standard");
  }

  /** Follows what the pack declared, and hands it to the threads whenever it changes. */
  #feedOf(use: PackUse | UnloadedUse): FactFeed | undefined {
    const declared = "pack" in use ? (use.pack.catalogue.manifest.facts ?? []) : [];
    if (!("pack" in use) || declared.length === 0) return undefined;
    const feed = this.#options.feed?.(declared) ?? fixedFeed(declared, {});
    const hand = () => this.#pool?.setData({ ...use.pack.data, facts: { [packFolder(use.pack)]: feed.current() } });
    feed.onChange(hand);
    hand();
    return feed;
  }

  #closeIfDone(): void {
    if (this.#retired && this.#asked === 0) void this.close();
  }
}

function codeOf(thrown: unknown): FirebreakError["code"] {
  return thrown instanceof FirebreakError ? thrown.code : "FBR_INTERNAL";
}
