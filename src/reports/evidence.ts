import type { Decision, Evaluated, Result } from "../model/decision.ts";
import type { Stage } from "../model/rule-pack.ts";

/** What a binding of a RulePack saw. */
export interface BindingCount {
  readonly rulePack: string;
  readonly binding: string;
  readonly digest: string;
  readonly stage: Stage;
  evaluations: number;
  /** Changes that would be refused were the binding enforced. */
  wouldDeny: number;
  errors: number;
}

/** Counts, as a view of decisions, what raising a stage would do. */
export class EvidenceCounter {
  #counts = new Map<string, BindingCount>();

  record({ evaluated, results }: Decision): void {
    for (const { rulePack, binding, stage, packDigest } of evaluated) {
      const count = this.#countOf({ rulePack, binding, stage, digest: packDigest });
      count.evaluations += 1;
      if (results.some((result) => result.rulePack === rulePack && wouldDeny(result))) count.wouldDeny += 1;
    }
  }

  /** Counts a question that a pack did not answer, whether or not that kept the request from being decided. */
  failed({ rulePack, binding, stage, packDigest }: Evaluated): void {
    this.#countOf({ rulePack, binding, stage, digest: packDigest }).errors += 1;
  }

  /** What was counted since it was last taken. */
  take(): BindingCount[] {
    const counts = [...this.#counts.values()];
    this.#counts = new Map();
    return counts;
  }

  #countOf(key: Pick<BindingCount, "rulePack" | "binding" | "digest" | "stage">): BindingCount {
    const id = JSON.stringify([key.rulePack, key.binding, key.digest, key.stage]);
    const count = this.#counts.get(id) ?? { ...key, evaluations: 0, wouldDeny: 0, errors: 0 };
    this.#counts.set(id, count);
    return count;
  }
}

function wouldDeny({ enforced, preExisting, effect }: Result): boolean {
  return enforced === "deny" && !preExisting && effect !== "exempted" && effect !== "undetermined";
}
