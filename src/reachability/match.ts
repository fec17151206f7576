import type { LabelSelector, LabelSelectorRequirement, Labels } from "../model/kubernetes.ts";
import { labelOf } from "../model/kubernetes.ts";
import { satisfies } from "../model/label-selector.ts";

/** Whether something holds: surely, perhaps (of a pod that could exist, or a fact that nobody knows), or surely not. */
export type Match = "yes" | "maybe" | "no";

export function allOf(one: Match, two: Match): Match {
  if (one === "no" || two === "no") return "no";
  return one === "yes" && two === "yes" ? "yes" : "maybe";
}

export function anyOf(one: Match, two: Match): Match {
  if (one === "yes" || two === "yes") return "yes";
  return one === "no" && two === "no" ? "no" : "maybe";
}

/** The values that a label may have; `undefined` among them says that it may be absent. `"anything"`: whoever writes the pod chooses. */
export type PossibleValues = readonly (string | undefined)[] | "anything";

/** Labels of a pod that exists, or what is certain of the labels of one that could. */
export type PossibleLabels = (key: string) => PossibleValues;

export function certainLabels(labels: Labels): PossibleLabels {
  return (key) => [labelOf(labels, key)];
}

/** Any labels at all, but for the keys that are given. */
export function freeLabels(known: ReadonlyMap<string, readonly (string | undefined)[]>): PossibleLabels {
  return (key) => known.get(key) ?? "anything";
}

/**
 * Label selector semantics of apimachinery over labels of which not all is certain. Absent or empty selects all; NotIn and
 * DoesNotExist match an absent key; In with no value matches nothing.
 */
export function selectorMatch(selector: LabelSelector | undefined, labels: PossibleLabels): Match {
  let result: Match = "yes";
  for (const requirement of requirementsOf(selector)) {
    result = allOf(result, requirementMatch(requirement, labels(requirement.key)));
    if (result === "no") return "no";
  }
  return result;
}

/** Selectors are matched often and never change. */
const requirements = new WeakMap<LabelSelector, readonly LabelSelectorRequirement[]>();

export function requirementsOf(selector: LabelSelector | undefined): readonly LabelSelectorRequirement[] {
  if (selector === undefined || selector === null) return [];
  // What is no selector selects nothing; an API server stores none.
  if (typeof selector !== "object") return [impossible];
  const known = requirements.get(selector);
  if (known !== undefined) return known;
  const equal = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({ key, operator: "In", values: [value] }));
  const { matchExpressions } = selector;
  const all = Array.isArray(matchExpressions) ? [...equal, ...matchExpressions.map(readable)] : equal;
  requirements.set(selector, all);
  return all;
}

const impossible: LabelSelectorRequirement = { key: "", operator: "In", values: [] };

/** Files hold anything where an expression belongs. */
function readable(expression: LabelSelectorRequirement | null): LabelSelectorRequirement {
  if (typeof expression !== "object" || expression === null || typeof expression.key !== "string") return impossible;
  return expression.values === undefined || Array.isArray(expression.values) ? expression : { ...expression, values: [] };
}

export function isUnconditional(selector: LabelSelector | undefined): boolean {
  return requirementsOf(selector).length === 0;
}

function requirementMatch(requirement: LabelSelectorRequirement, possible: PossibleValues): Match {
  if (possible === "anything") return "maybe";
  let [some, every] = [false, true];
  for (const value of possible) {
    if (satisfies(requirement, value)) some = true;
    else every = false;
  }
  if (!some) return "no";
  return every ? "yes" : "maybe";
}
