import type { KubernetesObject, LabelSelector } from "./kubernetes.ts";

/** What a namespace keeps when everything else is denied. Each is one decision of the platform team, on or off. */
export interface Allowances {
  readonly dns: boolean;
  readonly apiServer: boolean;
  readonly apiServerIngress: boolean;
  readonly sameNamespace: boolean;
  readonly metricsFrom: readonly string[];
  readonly ingressFrom: readonly string[];
}

/** `firebreak.dev/v1alpha1 IsolationProfile`: cluster scope; the highest priority that selects a namespace holds. */
export interface IsolationProfile extends KubernetesObject {
  readonly spec?: {
    readonly priority?: number;
    readonly strategy?: "NetworkPolicy";
    readonly namespaceSelector?: LabelSelector;
    readonly allowances?: Partial<Allowances>;
  };
}

export const defaultAllowances: Allowances = {
  dns: true,
  apiServer: false,
  apiServerIngress: true,
  sameNamespace: false,
  metricsFrom: [],
  ingressFrom: [],
};
