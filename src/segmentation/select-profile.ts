import { type Allowances, defaultAllowances, type IsolationProfile } from "../model/isolation-profile.ts";
import type { Labels } from "../model/kubernetes.ts";
import { selects } from "../model/label-selector.ts";

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
    .filter((profile) => selects(profile.spec?.namespaceSelector, labels))
    .sort((a, b) => (b.spec?.priority ?? 0) - (a.spec?.priority ?? 0) || compareNames(a, b))[0];
}

function compareNames(a: IsolationProfile, b: IsolationProfile): number {
  return (a.metadata?.name ?? "") < (b.metadata?.name ?? "") ? -1 : 1;
}
