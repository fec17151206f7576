import type { Labels } from "./kubernetes.ts";
import { labelOf } from "./kubernetes.ts";

/** The protected label keys: what a policy may rely on because no tenant can write it. */
export interface LabelKeys {
  readonly tenant: string;
  readonly domain: string;
  readonly environment: string;
  readonly app: string;
  readonly exposure: string;
}

export const defaultLabelKeys: LabelKeys = {
  tenant: "firebreak.dev/tenant",
  domain: "firebreak.dev/domain",
  environment: "firebreak.dev/environment",
  app: "firebreak.dev/app",
  exposure: "firebreak.dev/exposure",
};

/** The label of a Namespace that carries its mode. */
export const modeKey = "firebreak.dev/mode";

/** The label that cuts a workload or a namespace off during an incident. */
export const quarantineKey = "firebreak.dev/quarantine";

/** The segmentation names that a namespace hands down to its workloads. */
const inheritedNames = ["tenant", "domain", "environment", "exposure"] as const;
export type InheritedName = (typeof inheritedNames)[number];

/**
 * Where labels come from. `sources` names, for an inherited key, unprefixed keys of the Namespace that are read when
 * the protected key is absent (`team: payments`); they are never written to a workload under their own name.
 */
export interface LabelScheme {
  readonly keys: LabelKeys;
  readonly sources: { readonly [name in InheritedName]?: readonly string[] | undefined };
  /** Values of inherited labels that make a namespace an enclave: a place of regulated data, where stricter actions hold. */
  readonly enclaves: { readonly [name in InheritedName]?: readonly string[] | undefined };
}

/** Every key whose change on a Namespace needs the custom verb: the inherited keys and their declared sources. */
export function protectedNamespaceKeys(scheme: LabelScheme): string[] {
  return inheritedNames.flatMap((name) => [scheme.keys[name], ...(scheme.sources[name] ?? [])]);
}

/** Every protected key that may stand on a workload. */
export function protectedWorkloadKeys(scheme: LabelScheme): string[] {
  return [...inheritedNames.map((name) => scheme.keys[name]), scheme.keys.app];
}

/** The segmentation labels that a namespace hands down, as an own-key record of protected key to value. */
export function inheritedLabels(scheme: LabelScheme, namespaceLabels: Labels | undefined): Map<string, string> {
  const result = new Map<string, string>();
  for (const name of inheritedNames) {
    const key = scheme.keys[name];
    const candidates = [key, ...(scheme.sources[name] ?? [])];
    const value = candidates.map((candidate) => labelOf(namespaceLabels, candidate)).find((found) => found);
    if (value !== undefined) result.set(key, value);
  }
  return result;
}

/** Whether the labels that a namespace hands down make it an enclave. */
export function isEnclave(scheme: LabelScheme, namespaceLabels: Labels | undefined): boolean {
  const configured = inheritedNames.filter((name) => (scheme.enclaves[name]?.length ?? 0) > 0);
  if (configured.length === 0) return false;
  const inherited = inheritedLabels(scheme, namespaceLabels);
  return configured.some((name) => scheme.enclaves[name]?.includes(inherited.get(scheme.keys[name]) ?? ""));
}
