import type { Labels } from "./kubernetes.ts";
import type { Mode } from "./mode.ts";

/** What is known of a namespace. `terminating` holds once its deletion was asked for. */
export interface NamespaceFacts {
  readonly name: string;
  readonly uid: string;
  readonly labels: Labels;
  readonly creationTimestamp: string;
  readonly terminating: boolean;
  readonly mode: Mode;
}

/** Cluster state handed to a decision; a fact that the request does not need is absent. */
export interface Facts {
  readonly namespace?: NamespaceFacts;
  /** Labels that the namespace hands down to its pods. */
  readonly inherited?: Labels;
  /** Whether our default deny is stored in the namespace. */
  readonly defaultDenyStored?: boolean;
  /** Pods of the namespace that run or will run: not finished, not terminating. */
  readonly livePods?: number;
  /** What the requester may do with protected keys and modes, asked by SubjectAccessReview. */
  readonly access?: { readonly changeLabels: boolean; readonly setMode: boolean };
  /** The pod that a Binding is for. */
  readonly boundPodLabels?: Labels;
  /** Names that belong to Firebreak. */
  readonly reserved: { readonly policyNames: readonly string[]; readonly serviceAccount: string };
}
