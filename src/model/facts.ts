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
export type FactName = (typeof factNames)[number];

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
