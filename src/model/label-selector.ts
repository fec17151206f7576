import type { LabelSelector, LabelSelectorRequirement, Labels } from "./kubernetes.ts";
import { labelOf } from "./kubernetes.ts";

/** Label selector semantics of apimachinery: absent or empty selects all; NotIn and DoesNotExist match an absent key. */
export function selects(selector: LabelSelector | undefined, labels: Labels): boolean {
  const equal = Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labelOf(labels, key) === value);
  return equal && (selector?.matchExpressions ?? []).every((requirement) => satisfies(requirement, labelOf(labels, requirement.key)));
}

/** Whether a label with this value, or an absent one, meets a requirement. */
export function satisfies({ operator, values = [] }: LabelSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      return false;
  }
}
