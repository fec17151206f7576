import { type Allowances, defaultAllowances, type IsolationProfile } from "../model/isolation-profile.ts";
import type { LabelSelector, LabelSelectorRequirement, Labels } from "../model/kubernetes.ts";
import { labelOf } from "../model/kubernetes.ts";

/**
 * The allowances of a namespace: those of the profile that selects it and has the highest priority (then the first by
 * name), completed with the defaults. Profiles never add up.
 */
export function allowancesFor(labels: Labels, profiles: readonly IsolationProfile[]): Allowances {
  return { ...defaultAllowances, ...profileFor(labels, profiles)?.spec?.allowances };
}

/** The profile that holds for a namespace with these labels; undefined where none selects it. */
export function profileFor(labels: Labels, profiles: readonly IsolationProfile[]): IsolationProfile | undefined {
  return profiles
    .filter((profile) => matches(profile.spec?.namespaceSelector, labels))
    .sort((a, b) => (b.spec?.priority ?? 0) - (a.spec?.priority ?? 0) || compareNames(a, b))[0];
}

function compareNames(a: IsolationProfile, b: IsolationProfile): number {
  return (a.metadata?.name ?? "") < (b.metadata?.name ?? "") ? -1 : 1;
}

/** Label selector semantics of apimachinery: absent or empty selects all; NotIn and DoesNotExist match an absent key. */
function matches(selector: LabelSelector | undefined, labels: Labels): boolean {
  const equal = Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labelOf(labels, key) === value);
  return equal && (selector?.matchExpressions ?? []).every((requirement) => satisfies(requirement, labelOf(labels, requirement.key)));
}

function satisfies({ operator, values = [] }: LabelSelectorRequirement, value: string | undefined): boolean {
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
