import type { Decision } from "../model/decision.ts";
import { newCrossings } from "./boundaries.ts";
import type { ClusterModel } from "./cluster-model.ts";
import { type DescribedCrossing, Describer } from "./describe.ts";
import { effectOf } from "./effect.ts";
import type { PolicyReference } from "./policy.ts";
import { type Change, namespaceChange } from "./prospect.ts";

/** A guarded boundary that is open once a change is stored, with the decisions on what opens it. */
export interface OpenedTogether {
  readonly crossing: DescribedCrossing;
  /** Ids of decisions on the policies that let the flow through, and on what was stored last. */
  readonly decisions: readonly string[];
}

/** Decisions are kept for as long as a change may take to come back by a watch. */
const mostDecisions = 5000;

/**
 * Judges changes once more when they are stored. At admission a change is judged against what was stored then: of two that
 * are made at once each may pass, and open together what neither opens alone.
 */
export class Recheck {
  /** The last decisions, by what they were about. A refusal stores nothing and is not remembered. */
  readonly #decisions = new Map<string, string>();

  remember({ id, outcome, attributes: { kind, namespace, name, object, oldObject, dryRun } }: Decision): void {
    if (outcome !== "allowed" || dryRun) return;
    const own = name || ((object ?? oldObject)?.metadata?.name ?? "");
    const key = keyOf({ kind: kind.kind, namespace: kind.kind === "Namespace" ? "" : namespace, name: own });
    this.#decisions.delete(key);
    this.#decisions.set(key, id);
    if (this.#decisions.size <= mostDecisions) return;
    const [oldest] = this.#decisions.keys();
    if (oldest !== undefined) this.#decisions.delete(oldest);
  }

  /** @param model as it is before it takes up the change. */
  look(model: ClusterModel, stored: Change, now: Date): OpenedTogether[] {
    const { map } = model;
    if (!map.guards) return [];
    const effect = effectOf(model.network, stored.type === "namespace" ? namespaceChange(model.network, stored.name, stored.labels) : stored);
    const name = stored.type === "namespace" ? stored.name : undefined;
    const after = name === undefined ? map : map.moved(effect.after, [...effect.before.of(name), ...effect.after.of(name)]);
    const crossings =
      effect.moved === undefined
        ? after.crossings(effect.opened, now)
        : newCrossings(after.crossings(effect.moved.after, now), map.crossings(effect.moved.before, now));
    const describer = new Describer(effect.after, after, model.network.namespaces.size);
    const own: PolicyReference = stored.type === "policy" ? stored.reference : { kind: "Namespace", namespace: "", name: stored.name };
    return crossings
      .filter(({ guard }) => guard === "deny")
      .map((crossing) => describer.crossing(crossing))
      .map((crossing) => ({ crossing, decisions: [own, ...crossing.policies].flatMap((reference) => this.#decisions.get(keyOf(reference)) ?? []) }))
      .map((found) => ({ ...found, decisions: [...new Set(found.decisions)] }));
  }
}

function keyOf({ kind, namespace, name }: PolicyReference): string {
  return `${kind}/${namespace}/${name}`;
}
