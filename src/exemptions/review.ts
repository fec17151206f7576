import type { Attributes } from "../model/attributes.ts";
import type { PatchOperation, Severity } from "../model/decision.ts";
import { FirebreakError } from "../model/errors.ts";
import type { BreakGlass, Exemption, ExemptionApproval, ExemptionSpec, PermissionPolicy } from "../model/exemption.ts";
import type { KubernetesObject } from "../model/kubernetes.ts";
import { specDigest } from "./digest.ts";
import { type ApproverKey, signerOf } from "./signed-approval.ts";

/** A rule as the packs in force know it. */
export interface KnownRule {
  readonly id: string;
  readonly severity: Severity;
  readonly mandatory: boolean;
}

export interface ExemptionReviewPorts {
  readonly policy: PermissionPolicy;
  readonly keys: readonly ApproverKey[];
  readonly now: () => Date;
  readonly rules: () => readonly KnownRule[];
  /** The exemption as it stands now. Throws FBR_FACTS_UNAVAILABLE where that cannot be known. */
  exemption(name: string): Promise<Exemption | undefined>;
  /** Whether somebody may approve exemptions of a severity. Throws FBR_FACTS_UNAVAILABLE. */
  mayApprove(user: Attributes["user"], severity: Severity): Promise<boolean>;
  /** Whether somebody may break the glass. Throws FBR_FACTS_UNAVAILABLE. */
  mayBreakGlass(user: Attributes["user"]): Promise<boolean>;
}

const severities: readonly Severity[] = ["low", "medium", "high", "critical"];
const dayMillis = 24 * 3_600_000;

/** The field that names whoever wrote an object, by its kind. */
const stamps: Readonly<Record<string, string>> = {
  Exemption: "requestedBy",
  BreakGlass: "requestedBy",
  ExemptionApproval: "approvedBy",
  FlowContract: "requestedBy",
  FlowContractApproval: "approvedBy",
};

/** Writes into an object who wrote it: at its making, and whenever what it says changes. Otherwise it keeps who that was. */
export function stampWriter(attributes: Attributes): PatchOperation[] {
  const field = stamps[attributes.kind.kind];
  const spec = specOf(attributes.object);
  if (field === undefined || spec === undefined || attributes.subResource !== "") return [];
  const writer = writerOf(attributes, field);
  return writer === undefined || spec[field] === writer ? [] : [{ op: "add", path: `/spec/${field}`, value: writer }];
}

/**
 * Whether an exemption, an approval or a break-glass may be written as it is.
 *
 * @returns what is to be told of one that is good.
 * @throws FirebreakError FBR_FORBIDDEN, FBR_EXEMPTION_INVALID, FBR_SIGNATURE, FBR_FACTS_UNAVAILABLE
 */
export async function reviewPermission(attributes: Attributes, ports: ExemptionReviewPorts): Promise<string[]> {
  const { kind, operation, object } = attributes;
  if (operation === "DELETE" || object === undefined || isUnchanged(attributes)) return [];
  if (kind.kind === "Exemption") return reviewExemption(object as Exemption, ports);
  if (kind.kind === "ExemptionApproval") return reviewApproval(object as ExemptionApproval, attributes, ports);
  return reviewBreakGlass(object as BreakGlass, attributes, ports);
}

/**
 * Whether a write leaves what is said as it is.
 *
 * @throws FirebreakError FBR_EXEMPTION_INVALID where it does not bear the name of whoever writes it: who wrote it is nothing that a
 * writer can say, and without the stamp, or with another one, it was not stamped by us.
 */
export function isUnchanged(attributes: Attributes): boolean {
  const field = stamps[attributes.kind.kind] ?? "";
  const [found, wanted] = [specOf(attributes.object)?.[field], writerOf(attributes, field)];
  if (found !== wanted) throw invalid(`spec.${field} is ${JSON.stringify(found ?? null)}, and only Firebreak writes it: leave it out`);
  return sameSpec(attributes, field);
}

function reviewExemption({ metadata, spec }: Exemption, { policy, now, rules }: ExemptionReviewPorts): string[] {
  const { rules: asked, subject } = spec as ExemptionSpec;
  if (subject.namespace === undefined && (subject.kind === undefined || subject.name === undefined))
    throw invalid("spec.subject needs a namespace, or kind and name of what belongs to the cluster");
  const days = daysOf(spec as ExemptionSpec, now());
  const known = asked.map(({ id }) => ({ id, rule: rules().find((rule) => rule.id === id) }));
  for (const { id, rule } of known) {
    if (rule === undefined) continue;
    if (rule.mandatory) throw invalid(`${id} is Mandatory and cannot be exempted`);
    const most = policy.maxDays[rule.severity];
    if (days > most) throw invalid(`spec.expires is more than ${most} days after it begins, and ${id} is ${rule.severity}: ask again before it ends`);
  }
  const unknown = known.filter(({ rule }) => rule === undefined).map(({ id }) => id);
  const needed = approvalsNeeded(
    known.map(({ rule }) => rule?.severity ?? "low"),
    policy,
  );
  return [
    ...(unknown.length === 0 ? [] : [`no rule pack in force has ${unknown.join(", ")}`]),
    `${needed} other ${needed === 1 ? "person" : "people"} must approve: firebreak exemption show ${metadata?.name}`,
  ];
}

function daysOf({ notBefore, expires }: ExemptionSpec, now: Date): number {
  const [begins, ends] = [notBefore === undefined ? now.getTime() : Date.parse(notBefore), Date.parse(expires)];
  if (Number.isNaN(begins) || Number.isNaN(ends)) throw invalid("spec.notBefore and spec.expires must be instants like 2026-12-31T00:00:00Z");
  if (ends <= now.getTime()) throw invalid(`spec.expires (${expires}) is over`);
  if (ends <= begins) throw invalid("spec.expires is not after spec.notBefore");
  return (ends - begins) / dayMillis;
}

/** For several rules at once the gravest decides. */
export function approvalsNeeded(of: readonly Severity[], policy: PermissionPolicy): number {
  return Math.max(...of.map((severity) => policy.approvals[severity]), 1);
}

async function reviewApproval({ spec }: ExemptionApproval, { user, operation }: Attributes, ports: ExemptionReviewPorts): Promise<string[]> {
  if (spec === undefined) throw invalid("it has no spec");
  if (operation === "UPDATE") throw invalid("an approval is never changed: delete it and make another");
  const exemption = await ports.exemption(spec.exemption);
  if (exemption?.spec === undefined) throw invalid(`there is no exemption ${spec.exemption}`);
  const digest = specDigest(exemption.spec);
  if (digest !== spec.specDigest)
    throw invalid(`spec.specDigest is ${spec.specDigest}, and ${spec.exemption} is ${digest} now: read it again before you approve`);
  const approver = spec.signature === undefined ? user.username : signerOf(spec, ports.keys);
  if (approver === exemption.spec.requestedBy) throw forbidden(`${approver} asked for ${spec.exemption}: somebody else must approve it`);
  if (spec.signature !== undefined) return [];
  const severity = gravest(exemption.spec, ports.rules());
  if (await ports.mayApprove(user, severity)) return [];
  throw forbidden(`${user.username} may not approve exemptions of ${severity} rules (verb approve on exemptionapprovals.firebreak.dev, name ${severity})`);
}

async function reviewBreakGlass(
  { spec }: BreakGlass,
  { user, operation }: Attributes,
  { policy, now, mayBreakGlass }: ExemptionReviewPorts,
): Promise<string[]> {
  if (operation === "UPDATE") throw invalid("a break-glass is never changed: it ends by itself, or delete it");
  const ends = Date.parse(spec?.expires ?? "");
  if (Number.isNaN(ends) || ends <= now().getTime()) throw invalid("spec.expires must be an instant to come");
  if (ends - now().getTime() > policy.breakGlassMinutes * 60_000 + 5000) throw invalid(`spec.expires is more than ${policy.breakGlassMinutes} minutes away`);
  if (!(await mayBreakGlass(user)))
    throw forbidden(`${user.username} may not break the glass (verb use on breakglasses.firebreak.dev): ask for the ClusterRole firebreak-break-glass`);
  return ["the glass is broken: nothing but Mandatory rules refuses until it ends; everything is recorded, and scanned afterwards"];
}

/** The severity that decides who may approve: the gravest, and the highest where a rule is not known. */
export function gravest(spec: ExemptionSpec, rules: readonly KnownRule[]): Severity {
  const found = spec.rules.map(({ id }) => rules.find((rule) => rule.id === id)?.severity ?? "critical");
  return found.reduce((a, b) => (severities.indexOf(b) > severities.indexOf(a) ? b : a), "low");
}

function specOf(object: KubernetesObject | undefined): Record<string, unknown> | undefined {
  return (object as { spec?: Record<string, unknown> } | undefined)?.spec;
}

function writerOf(attributes: Attributes, field: string): string | undefined {
  if (!sameSpec(attributes, field)) return attributes.user.username;
  return specOf(attributes.oldObject)?.[field] as string | undefined;
}

/** Whether an update leaves what is said as it is; who wrote it is no part of that. */
function sameSpec({ operation, object, oldObject }: Attributes, field: string): boolean {
  if (operation !== "UPDATE") return false;
  const said = (one: KubernetesObject | undefined) => {
    const { [field]: _, ...rest } = specOf(one) ?? {};
    return specDigest(rest);
  };
  return said(object) === said(oldObject);
}

function invalid(why: string): FirebreakError {
  return new FirebreakError("FBR_EXEMPTION_INVALID", why);
}

function forbidden(why: string): FirebreakError {
  return new FirebreakError("FBR_FORBIDDEN", why);
}
