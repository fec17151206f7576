import type { KubernetesObject, LabelSelector, Labels } from "./kubernetes.ts";

/** What a security domain divides workloads by. `External` is addresses outside of the cluster. */
export type DomainType = "Organization" | "Tenant" | "Environment" | "WorkloadType" | "DataClass" | "Region" | "External";

/** What becomes of a change that opens a flow across a domain's boundary without a flow contract. */
export type Guard = "none" | "warn" | "deny";

/** Who may approve contracts of a domain and change who belongs to it. */
export interface DomainOwner {
  readonly kind: "Group" | "User";
  readonly name: string;
}

export interface SecurityDomainSpec {
  readonly type: DomainType;
  /** Whose pods belong to it. All that is given must match. Left out only where the domain is External. */
  readonly members?: {
    readonly namespaceSelector?: LabelSelector;
    readonly podSelector?: LabelSelector;
    readonly serviceAccounts?: readonly string[];
  };
  /** Labels that are stamped on members where they are written; a label that is there stays. */
  readonly labels?: Labels;
  readonly owners?: readonly DomainOwner[];
  /** The domain of the same type that holds this one: what is within that one is no crossing of its own boundary. */
  readonly parent?: string;
  /** Blocks of an External domain. */
  readonly cidrs?: readonly string[];
  /** By direction, seen from the domain. Left out: none, but for Tenants in namespaces that are enforced, which are guarded (`deny`). */
  readonly guard?: { readonly ingress?: Guard; readonly egress?: Guard };
}

/** `firebreak.dev/v1alpha1 SecurityDomain`, cluster scope. */
export interface SecurityDomain extends KubernetesObject {
  readonly spec?: SecurityDomainSpec;
}

export interface ContractPort {
  readonly protocol?: string;
  readonly port?: number;
  readonly endPort?: number;
}

export interface FlowContractSpec {
  readonly from: string;
  readonly to: string;
  /** Left out: all ports. */
  readonly ports?: readonly ContractPort[];
  readonly justification: string;
  /** Whom to ask. */
  readonly owner: string;
  readonly ticket: string;
  /** RFC 3339; it carries nothing from then on. */
  readonly reviewBy: string;
  /** Who wrote this spec: stamped from userInfo, and no part of what is approved. */
  readonly requestedBy?: string;
}

/** `firebreak.dev/v1alpha1 FlowContract`, cluster scope. */
export interface FlowContract extends KubernetesObject {
  readonly spec?: FlowContractSpec;
}

/** The side of a contract whose owner approves. */
export type ContractSide = "from" | "to";

/** `firebreak.dev/v1alpha1 FlowContractApproval`, cluster scope; never changed once it is made. */
export interface FlowContractApproval extends KubernetesObject {
  readonly spec?: {
    readonly contract: string;
    readonly side: ContractSide;
    /** The digest of the spec that is approved: any change of it voids the approval. */
    readonly specDigest: string;
    /** Who made this object: stamped from userInfo. */
    readonly approvedBy?: string;
    /** An approval that was signed elsewhere: it counts as the key's owner, whoever brought it here. */
    readonly signature?: { readonly keyId: string; readonly value: string };
  };
}

/** A contract as decisions read it. */
export interface RecordedContract {
  readonly name: string;
  readonly spec: FlowContractSpec;
  /** Sides whose owner approved the spec as it stands. */
  readonly approved: readonly ContractSide[];
}

export type ContractPhase = "Pending" | "Active" | "Expired";

/** A contract carries flows while both sides approved it and its review is not overdue. */
export function contractPhase({ spec, approved }: RecordedContract, now: Date): ContractPhase {
  const due = Date.parse(spec.reviewBy);
  // A date that cannot be read never holds.
  if (!(due > now.getTime())) return "Expired";
  return approved.includes("from") && approved.includes("to") ? "Active" : "Pending";
}

/** Everything that is declared about boundaries, as it is known now. */
export interface Boundaries {
  readonly domains: readonly { readonly name: string; readonly spec: SecurityDomainSpec }[];
  readonly contracts: readonly RecordedContract[];
}

export const noBoundaries: Boundaries = { domains: [], contracts: [] };
