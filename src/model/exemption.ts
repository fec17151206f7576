import type { Severity } from "./decision.ts";
import type { KubernetesObject, Labels } from "./kubernetes.ts";

/** What an exemption is for. All fields that are given must match; names are exact. */
export interface ExemptionSubject {
  /** Absent for what belongs to the cluster; kind and name are given then. */
  readonly namespace?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly owner?: { readonly kind: string; readonly name: string };
  readonly labels?: Labels;
}

/** A rule, and the versions of its pack for which its violation is permitted: from one (it counts) to another (it does not). */
export interface ExemptedRule {
  readonly id: string;
  readonly from?: string;
  readonly below?: string;
}

export interface ExemptionSpec {
  readonly rules: readonly ExemptedRule[];
  readonly subject: ExemptionSubject;
  readonly reason: string;
  readonly ticket: string;
  readonly compensatingControl?: string;
  /** RFC 3339; from its creation on where it is left out. */
  readonly notBefore?: string;
  /** RFC 3339; inert from then on. */
  readonly expires: string;
  /** Who wrote this spec: stamped from userInfo, and no part of what is approved. */
  readonly requestedBy?: string;
}

/** `firebreak.dev/v1alpha1 Exemption`, cluster scope. */
export interface Exemption extends KubernetesObject {
  readonly spec?: ExemptionSpec;
  readonly status?: ExemptionStatus;
}

export interface ExemptionStatus {
  readonly phase?: ExemptionPhase;
  readonly specDigest?: string;
  readonly approvedBy?: readonly string[];
  readonly approvalsNeeded?: number;
  readonly message?: string;
  /** RFC 3339, to the hour or so. */
  readonly lastUsed?: string;
}

export type ExemptionPhase = "Pending" | "NotYet" | "Active" | "Expired" | "Invalid";

/** `firebreak.dev/v1alpha1 ExemptionApproval`, cluster scope; never changed once it is made. */
export interface ExemptionApproval extends KubernetesObject {
  readonly spec?: {
    readonly exemption: string;
    /** The digest of the spec that is approved: any change of it voids the approval. */
    readonly specDigest: string;
    /** Who made this object: stamped from userInfo. */
    readonly approvedBy?: string;
    /** An approval that was signed elsewhere: it counts as the key's owner, whoever brought it here. */
    readonly signature?: { readonly keyId: string; readonly value: string };
  };
}

/** An exemption with the digest of its spec. */
export interface RecordedExemption {
  readonly name: string;
  readonly digest: string;
  readonly spec: ExemptionSpec;
  readonly createdAt: Date;
}

/** An approval whose author is known: by userInfo, or by a signature that was verified. */
export interface RecordedApproval {
  readonly exemption: string;
  readonly digest: string;
  readonly approver: string;
}

/** `firebreak.dev/v1alpha1 BreakGlass`, cluster scope: for a while, nothing but Mandatory rules refuses. */
export interface BreakGlass extends KubernetesObject {
  readonly spec?: {
    readonly reason: string;
    readonly expires: string;
    /** Left out: everywhere. */
    readonly namespaces?: readonly string[];
    readonly requestedBy?: string;
  };
}

export interface RecordedBreakGlass {
  readonly name: string;
  readonly reason: string;
  readonly requestedBy: string;
  readonly namespaces: readonly string[];
  readonly createdAt: Date;
  readonly expires: Date;
}

/** Everything that permits, as it is known now. */
export interface Permissions {
  readonly exemptions: readonly RecordedExemption[];
  readonly approvals: readonly RecordedApproval[];
  readonly breakGlasses: readonly RecordedBreakGlass[];
}

export const noPermissions: Permissions = { exemptions: [], approvals: [], breakGlasses: [] };

/** How many others must approve, and for how long at most, by the severity of the rule; and how long a break-glass lasts at most. */
export interface PermissionPolicy {
  readonly approvals: Readonly<Record<Severity, number>>;
  readonly maxDays: Readonly<Record<Severity, number>>;
  readonly breakGlassMinutes: number;
}

export const defaultPermissionPolicy: PermissionPolicy = {
  approvals: { critical: 2, high: 1, medium: 1, low: 1 },
  maxDays: { critical: 7, high: 30, medium: 90, low: 180 },
  breakGlassMinutes: 60,
};
