import type { Boundaries, ContractSide, FlowContract, FlowContractApproval, SecurityDomain } from "../model/security-domain.ts";
import { specDigest } from "./digest.ts";
import { type ApproverKey, signerOf } from "./signed-approval.ts";

/** The objects of a cluster, or of files, that declare boundaries and what may cross them. */
export interface DeclaringObjects {
  readonly domains: readonly SecurityDomain[];
  readonly contracts: readonly FlowContract[];
  readonly contractApprovals: readonly FlowContractApproval[];
}

/** What they say, as decisions read it. What has no name or no spec says nothing. */
export function boundariesFrom({ domains, contracts, contractApprovals }: DeclaringObjects, keys: readonly ApproverKey[]): Boundaries {
  const declared = domains.flatMap(({ metadata, spec }) => (metadata?.name === undefined || spec === undefined ? [] : [{ name: metadata.name, spec }]));
  return {
    domains: declared,
    contracts: contracts.flatMap((contract) => {
      const { metadata, spec } = contract;
      if (metadata?.name === undefined || spec === undefined) return [];
      return [{ name: metadata.name, spec, approved: approvedSides(contract, contractApprovals, declared, keys) }];
    }),
  };
}

/** Sides that somebody other than who asked approved, as the contract stands now. A signature counts where its owner owns the domain. */
function approvedSides(
  { metadata, spec }: FlowContract,
  approvals: readonly FlowContractApproval[],
  domains: Boundaries["domains"],
  keys: readonly ApproverKey[],
): ContractSide[] {
  if (spec === undefined) return [];
  const digest = specDigest(spec);
  const good = approvals.filter((approval) => {
    const of = approval.spec;
    if (of === undefined || of.contract !== metadata?.name || of.specDigest !== digest) return false;
    if (of.signature === undefined) return of.approvedBy !== undefined && of.approvedBy !== spec.requestedBy;
    try {
      const signer = signerOf(of, keys);
      const owners = domains.find(({ name }) => name === spec[of.side])?.spec.owners ?? [];
      return signer !== spec.requestedBy && owners.some(({ kind, name }) => kind === "User" && name === signer);
    } catch {
      return false;
    }
  });
  return [...new Set(good.flatMap((approval) => approval.spec?.side ?? []))];
}
