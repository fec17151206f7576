import type { BreakGlass, Exemption, ExemptionApproval, Permissions, RecordedApproval } from "../model/exemption.ts";
import { specDigest } from "./digest.ts";
import { type ApproverKey, signerOf } from "./signed-approval.ts";

/** The objects of a cluster, or of files, that permit. */
export interface PermittingObjects {
  readonly exemptions: readonly Exemption[];
  readonly approvals: readonly ExemptionApproval[];
  readonly breakGlasses: readonly BreakGlass[];
}

/** What objects say, as decisions read it. What is incomplete, or signed by nobody who is listed, is left out: it permits nothing. */
export function permissionsFrom({ exemptions, approvals, breakGlasses }: PermittingObjects, keys: readonly ApproverKey[]): Permissions {
  return {
    exemptions: exemptions.flatMap(({ metadata, spec }) =>
      metadata?.name === undefined || spec === undefined
        ? []
        : [{ name: metadata.name, digest: specDigest(spec), spec, createdAt: instant(metadata.creationTimestamp) }],
    ),
    approvals: approvals.flatMap((approval) => recorded(approval, keys)),
    breakGlasses: breakGlasses.flatMap(({ metadata, spec }) =>
      metadata?.name === undefined || spec === undefined
        ? []
        : [
            {
              name: metadata.name,
              reason: spec.reason,
              requestedBy: spec.requestedBy ?? "",
              namespaces: spec.namespaces ?? [],
              createdAt: instant(metadata.creationTimestamp),
              expires: instant(spec.expires),
            },
          ],
    ),
  };
}

function recorded({ spec }: ExemptionApproval, keys: readonly ApproverKey[]): RecordedApproval[] {
  if (spec === undefined) return [];
  const { exemption, specDigest: digest, approvedBy = "", signature } = spec;
  if (signature === undefined) return [{ exemption, digest, approver: approvedBy }];
  try {
    return [{ exemption, digest, approver: signerOf(spec, keys) }];
  } catch {
    return [];
  }
}

/** An instant that cannot be read is none: comparisons with it never hold. */
function instant(text: string | undefined): Date {
  return new Date(text ?? Number.NaN);
}
