import type { KubernetesObject } from "./kubernetes.ts";

/** `AUDIT` is what stands already, as a scan judges it; no API server sends it. */
export type Operation = "CREATE" | "UPDATE" | "DELETE" | "CONNECT" | "AUDIT";
export type Phase = "mutating" | "validating";

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

export interface UserInfo {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/**
 * The normalised admission request: what was decoded from an AdmissionReview, and nothing that the wire format adds.
 * `object` is absent on DELETE, `oldObject` on CREATE; `name` is empty under generateName.
 */
export interface Attributes {
  readonly uid: string;
  readonly phase: Phase;
  readonly operation: Operation;
  readonly kind: GroupVersionKind;
  readonly resource: { readonly group: string; readonly version: string; readonly resource: string };
  readonly subResource: string;
  readonly namespace: string;
  readonly name: string;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  readonly object?: KubernetesObject;
  readonly oldObject?: KubernetesObject;
}

/** NetworkPolicy of networking.k8s.io; Calico has a kind of the same name. */
export function isNetworkPolicy({ group, kind }: GroupVersionKind): boolean {
  return group === "networking.k8s.io" && kind === "NetworkPolicy";
}

export function isNamespace({ group, kind }: GroupVersionKind): boolean {
  return group === "" && kind === "Namespace";
}

/** `networking.k8s.io/networkpolicies`, `pods/status`, `namespaces`: how messages and scope name a resource. */
export function resourceName(attributes: Pick<Attributes, "resource" | "subResource">): string {
  const { group, resource } = attributes.resource;
  const base = group === "" ? resource : `${group}/${resource}`;
  return attributes.subResource === "" ? base : `${base}/${attributes.subResource}`;
}
