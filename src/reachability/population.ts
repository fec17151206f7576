import type { LabelSelector, Labels } from "../model/kubernetes.ts";
import type { Boundaries, SecurityDomainSpec } from "../model/security-domain.ts";
import type { Endpoint } from "./endpoint.ts";
import { certainLabels, freeLabels, isUnconditional, requirementsOf, selectorMatch } from "./match.ts";
import type { Population } from "./network.ts";

/** What is known of a namespace beside its labels. */
export interface NamespaceStanding {
  readonly enforced: boolean;
  /** Protected labels that its pods cannot choose: those that the namespace hands down. */
  readonly handedDown: Labels;
}

/** An endpoint that stands for pods that could be. */
export interface PossiblePods extends Endpoint {
  /** The domain whose pod selector or service accounts it stands for; absent where it stands for any pod of the namespace. */
  readonly domain?: string;
  readonly enforced: boolean;
}

/**
 * The pods that could be in a namespace: any at all, and, for each domain that chooses its members by pod labels or service
 * accounts, any of those. Labels of pods are for their writers to choose, but for those that the namespace hands down.
 */
export function possiblePods(domains: () => Boundaries["domains"], standing: (namespace: string, labels: Labels) => NamespaceStanding): Population {
  return (namespace, namespaceLabels): PossiblePods[] => {
    const { enforced, handedDown } = standing(namespace, namespaceLabels);
    const known = new Map(
      Object.entries(handedDown)
        .map(([key, value]) => [key, enforced ? [value, undefined] : undefined] as const)
        .filter(hasValue),
    );
    const any: PossiblePods = { kind: "pod", namespace, namespaceLabels, labels: freeLabels(known), namedPorts: "any", enforced };
    const inside = domains().filter(({ spec }) => choosesPods(spec) && inNamespaces(spec, namespaceLabels));
    return [
      any,
      ...inside.map(({ name, spec }): PossiblePods => {
        const [serviceAccount] = spec.members?.serviceAccounts ?? [];
        const labels = freeLabels(new Map([...known, ...valuesOf(spec.members?.podSelector)]));
        return { ...any, domain: name, labels, ...(serviceAccount === undefined ? {} : { serviceAccount }) };
      }),
    ];
  };
}

/** Whether a domain has members that are chosen pod by pod. */
function choosesPods({ members }: SecurityDomainSpec): boolean {
  return !isUnconditional(members?.podSelector) || (members?.serviceAccounts?.length ?? 0) > 0;
}

function inNamespaces({ members, type }: SecurityDomainSpec, namespaceLabels: Labels): boolean {
  return type !== "External" && members !== undefined && selectorMatch(members.namespaceSelector, certainLabels(namespaceLabels)) === "yes";
}

/** Whether an endpoint surely belongs to a domain. */
export function isMember(name: string, spec: SecurityDomainSpec, endpoint: Endpoint & { readonly domain?: string }): boolean {
  if (endpoint.kind !== "pod" || !inNamespaces(spec, endpoint.namespaceLabels)) return false;
  if (!choosesPods(spec) || endpoint.domain === name) return true;
  const accounts = spec.members?.serviceAccounts ?? [];
  const byAccount = accounts.length === 0 || (endpoint.serviceAccount !== undefined && accounts.includes(endpoint.serviceAccount));
  return byAccount && selectorMatch(spec.members?.podSelector, endpoint.labels) === "yes";
}

/** The values that labels must have to be selected, where a selector says which. */
function valuesOf(selector: LabelSelector | undefined): Map<string, readonly (string | undefined)[]> {
  const values = new Map<string, readonly (string | undefined)[]>();
  for (const { key, operator, values: wanted = [] } of requirementsOf(selector)) {
    if (operator === "In") values.set(key, wanted);
    if (operator === "DoesNotExist") values.set(key, [undefined]);
  }
  return values;
}

function hasValue<T>(entry: readonly [string, T | undefined]): entry is readonly [string, T] {
  return entry[1] !== undefined;
}
