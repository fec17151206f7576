import type { GuardrailQuestion, Guardrails, Judgement } from "../admission/ports.ts";
import { Judge, type JudgeOptions } from "./judge.ts";
import type { PackUse, UnloadedUse } from "./pack-use.ts";

/** The packs that hold, each in its own pool of threads. They are replaced as a whole: a request meets the old ones or the new ones. */
export class GuardrailEngine implements Guardrails {
  readonly #options: JudgeOptions;
  #judges: readonly Judge[];

  constructor(uses: readonly (PackUse | UnloadedUse)[], options: JudgeOptions) {
    this.#options = options;
    this.#judges = uses.map((use) => new Judge(use, options));
  }

  /** What holds now. */
  get uses(): readonly (PackUse | UnloadedUse)[] {
    return this.#judges.map(({ use }) => use);
  }

  /** Waits until every pack can be asked. */
  async ready(): Promise<void> {
    await Promise.all(this.#judges.map((judge) => judge.ready()));
  }

  /**
   * Puts other uses in place of those that hold; one that is the same object goes on. Nothing changes before the new ones can
   * answer. Calls must not overlap.
   *
   * @throws FirebreakError FBR_PACK_LIMIT where a new one cannot; then those that held go on.
   */
  async replace(uses: readonly (PackUse | UnloadedUse)[]): Promise<void> {
    const before = this.#judges;
    const next = uses.map((use) => before.find((judge) => judge.use === use) ?? new Judge(use, this.#options));
    try {
      await Promise.all(next.map((judge) => judge.ready()));
    } catch (thrown) {
      for (const judge of next) if (!before.includes(judge)) judge.retire();
      throw thrown;
    }
    this.#judges = next;
    for (const judge of before) if (!next.includes(judge)) judge.retire();
  }

  async judge(question: GuardrailQuestion): Promise<Judgement> {
    const said = (await Promise.all(this.#judges.map((judge) => judge.judge(question)))).filter((one) => one !== undefined);
    return {
      findings: said.flatMap(({ findings }) => findings),
      evaluated: said.map(({ evaluated }) => evaluated),
      missing: [...new Set(said.flatMap(({ missing }) => missing))],
      evaluationMicros: said.reduce((sum, { micros }) => sum + micros, 0),
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#judges.map((judge) => judge.close()));
  }
}
