import type { Attributes } from "../model/attributes.ts";
import type { Severity, Tier } from "../model/decision.ts";
import type {
  ExemptedRule,
  ExemptionPhase,
  ExemptionSubject,
  PermissionPolicy,
  Permissions,
  RecordedBreakGlass,
  RecordedExemption,
} from "../model/exemption.ts";
import { labelOf } from "../model/kubernetes.ts";
import { compareVersions } from "../model/version.ts";
import { ownersOf } from "./owners.ts";

const dayMillis = 24 * 3_600_000;

/** What a decision about permissions is made of. */
export interface Permitting {
  readonly permissions: Permissions;
  readonly policy: PermissionPolicy;
  readonly now: Date;
}

/** What is asked about: a violation of a rule of a pack. */
interface Asked {
  readonly ruleId: string;
  readonly severity: Severity;
  readonly tier: Tier;
  /** `name@version` */
  readonly pack: string;
}

/**
 * The exemptions that permit a violation: each of them alone, in full, now, and approved for a rule of that severity. None of a
 * Mandatory rule. The one function that webhook, scan and commands ask; nothing on the object has a say in it.
 */
export function exemptionsFor(asked: Asked, attributes: Attributes, permitting: Permitting): RecordedExemption[] {
  if (asked.tier === "Mandatory") return [];
  return permitting.permissions.exemptions.filter(
    (exemption) =>
      exemption.spec.rules.some((rule) => covers(rule, asked)) &&
      matchesSubject(exemption.spec.subject, attributes) &&
      phaseOf(exemption, asked.severity, permitting) === "Active",
  );
}

/** What an exemption is good for now, for rules of a severity. */
export function phaseOf(exemption: RecordedExemption, severity: Severity, { permissions, policy, now }: Permitting): ExemptionPhase {
  const { spec, createdAt } = exemption;
  const [begins, ends] = [spec.notBefore === undefined ? createdAt.getTime() : Date.parse(spec.notBefore), Date.parse(spec.expires)];
  // A date that cannot be read is no date: it never permits anything.
  if (Number.isNaN(begins) || Number.isNaN(ends)) return "Invalid";
  if (ends - begins > policy.maxDays[severity] * dayMillis || ends <= begins) return "Invalid";
  if (now.getTime() >= ends) return "Expired";
  if (approversOf(exemption, permissions).length < policy.approvals[severity]) return "Pending";
  return now.getTime() < begins ? "NotYet" : "Active";
}

/** Who approved this very spec, each once, and never who asked for it. Without a known requester nobody could be told apart from it. */
export function approversOf({ name, digest, spec }: RecordedExemption, { approvals }: Permissions): string[] {
  const { requestedBy } = spec;
  if (requestedBy === undefined || requestedBy === "") return [];
  const approvers = approvals.filter((approval) => approval.exemption === name && approval.digest === digest).map(({ approver }) => approver);
  return [...new Set(approvers)].filter((approver) => approver !== "" && approver !== requestedBy).sort();
}

/** The break-glass that is open for a namespace now; never longer than the policy lets one be. */
export function openBreakGlass(namespace: string, { permissions, policy, now }: Permitting): RecordedBreakGlass | undefined {
  return permissions.breakGlasses.find(
    (glass) =>
      (glass.namespaces.length === 0 || glass.namespaces.includes(namespace)) &&
      glass.requestedBy !== "" &&
      glass.createdAt.getTime() <= now.getTime() &&
      now.getTime() < Math.min(glass.expires.getTime(), glass.createdAt.getTime() + policy.breakGlassMinutes * 60_000),
  );
}

function covers({ id, from, below }: ExemptedRule, { ruleId, pack }: Asked): boolean {
  if (id !== ruleId) return false;
  const version = pack.slice(pack.lastIndexOf("@") + 1);
  return (from === undefined || compareVersions(version, from) >= 0) && (below === undefined || compareVersions(version, below) < 0);
}

/** All fields that are given must match. Labels alone say nothing: whoever writes an object writes them. */
function matchesSubject({ namespace, kind, name, owner, labels }: ExemptionSubject, attributes: Attributes): boolean {
  const own = (attributes.object ?? attributes.oldObject)?.metadata;
  if (namespace === undefined && (kind === undefined || name === undefined)) return false;
  const checks = [
    (namespace ?? "") === attributes.namespace,
    kind === undefined || kind === attributes.kind.kind,
    name === undefined || name === (attributes.name || own?.name),
    owner === undefined || ownersOf(attributes).includes(`${owner.kind}/${owner.name}`),
    labels === undefined || Object.entries(labels).every(([key, value]) => labelOf(own?.labels, key) === value),
  ];
  return checks.every(Boolean);
}
