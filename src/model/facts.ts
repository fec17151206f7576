import type { Labels } from "./kubernetes.ts";
import type { Mode } from "./mode.ts";

/** What is known of a namespace. `terminating` holds once its deletion was asked for. */
export interface NamespaceFacts {
  readonly name: string;
  readonly labels: Labels;
  readonly terminating: boolean;
  readonly mode: Mode;
}

export type Direction = "ingress" | "egress";

export interface Access {
  readonly changeLabels: boolean;
  readonly setMode: boolean;
  readonly changeInstallation: boolean;
}

export const noAccess: Access = { changeLabels: false, setMode: false, changeInstallation: false };

/** Facts that a verdict may rest on; a rule declares which. */
export const factNames = ["namespace", "enclave", "user", "access", "livePods", "deniedDirections"] as const;
/** Facts that Firebreak knows itself, and `cluster.<name>`: what a pack declares that it reads of the cluster. */
export type FactName = (typeof factNames)[number] | `cluster.${string}`;

/** Objects of the cluster that a pack reads, cut down to the fields that it names. Rules find them at `data.facts.<pack>.<name>`, by `namespace/name`. */
export interface DeclaredFact {
  readonly name: string;
  readonly apiVersion: string;
  readonly kind: string;
  /** The plural that the API has for them. */
  readonly resource: string;
  /** `metadata.labels`, `spec.controller`; name and namespace are their key anyway. */
  readonly fields: readonly string[];
}

/** Objects by `namespace/name`, or by name where they belong to the cluster. */
export type FactObjects = Readonly<Record<string, object>>;

/** Keeps the fields that a fact names and drops the rest. */
export function projectFact({ fields }: Pick<DeclaredFact, "fields">, object: object): object {
  const kept: Record<string, unknown> = {};
  for (const field of fields) {
    const parts = field.split(".");
    const value = parts.reduce<unknown>(
      (at, part) => (typeof at === "object" && at !== null && Object.hasOwn(at, part) ? (at as Record<string, unknown>)[part] : undefined),
      object,
    );
    if (value === undefined) continue;
    let at = kept;
    for (const part of parts.slice(0, -1)) {
      const inner = (at[part] ?? {}) as Record<string, unknown>;
      at[part] = inner;
      at = inner;
    }
    at[parts.at(-1) as string] = value;
  }
  return kept;
}

/** Cluster state handed to a decision; a fact that the request does not need is absent. */
export interface Facts {
  /** What could not be known; a running webhook never answers without a fact. */
  readonly missing?: readonly FactName[];
  /** The mode to judge in, whatever the namespace says: of a command that was told so. */
  readonly mode?: Mode;
  readonly namespace?: NamespaceFacts;
  /** Whether our default deny is stored in the namespace. */
  readonly defaultDenyStored?: boolean;
  /** Pods of the namespace that run or will run: not finished, not terminating. */
  readonly livePods?: number;
  /** A write of a reserved policy that leaves its meaning as it must be: our own, or an identical restore. */
  readonly reservedPolicyIntact?: boolean;
  /** What the requester may do with protected keys, modes and our installation, as the API server answers a SubjectAccessReview. */
  readonly access?: Access;
  /** Directions that other policies of the namespace deny to all of its pods. */
  readonly deniedDirections?: readonly Direction[];
  /** The name of the workload at the root of the object's owners, where it takes a look-up to know. */
  readonly rootOwner?: string;
  /** The namespace has no pods yet. */
  readonly firstWorkload?: boolean;
}
