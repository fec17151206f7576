import type { ObjectMeta } from "./kubernetes.ts";
import { labelOf } from "./kubernetes.ts";
import { inheritedLabels, type LabelScheme, modeKey } from "./segmentation-labels.ts";

/** What Firebreak does in a namespace. Mandatory rules hold in every mode. */
export type Mode = "observe" | "stage" | "enforce";

const modes: readonly Mode[] = ["observe", "stage", "enforce"];

function isMode(value: unknown): value is Mode {
  return typeof value === "string" && (modes as readonly string[]).includes(value);
}

/** Whether a namespace with these labels belongs to a tenant or a domain, which makes a new one `enforce`. */
function isSegmented(scheme: LabelScheme, namespace: ObjectMeta): boolean {
  const inherited = inheritedLabels(scheme, namespace.labels);
  return inherited.has(scheme.keys.tenant) || inherited.has(scheme.keys.domain);
}

/**
 * The mode of a namespace. Its own label decides; without one, a namespace older than the installation is `observe`
 * and nothing is written to it, a newer one with a tenant or domain is `enforce`, any other newer one `observe`.
 * A namespace without a creationTimestamp is being created now.
 */
export function modeOf(scheme: LabelScheme, namespace: ObjectMeta, installedAt: Date): Mode {
  const labelled = labelOf(namespace.labels, modeKey);
  if (isMode(labelled)) return labelled;
  const created = namespace.creationTimestamp === undefined ? Number.POSITIVE_INFINITY : Date.parse(namespace.creationTimestamp);
  const older = created < installedAt.getTime();
  return !older && isSegmented(scheme, namespace) ? "enforce" : "observe";
}
