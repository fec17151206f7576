import type { ContractSide, FlowContract, FlowContractApproval, SecurityDomain } from "../model/security-domain.ts";
import { specDigest } from "./digest.ts";
import { type ApproverKey, signerOf } from "./signed-approval.ts";

/** Sides that somebody other than who asked approved, as the contract stands now. A signature counts where its owner owns the domain. */
export function approvedSides(
  { metadata, spec }: FlowContract,
  approvals: readonly FlowContractApproval[],
  domains: readonly SecurityDomain[],
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
      const owners = domains.find((domain) => domain.metadata?.name === spec[of.side])?.spec?.owners ?? [];
      return signer !== spec.requestedBy && owners.some(({ kind, name }) => kind === "User" && name === signer);
    } catch {
      return false;
    }
  });
  return [...new Set(good.flatMap((approval) => approval.spec?.side ?? []))];
}
