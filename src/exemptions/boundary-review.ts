import type { Attributes, UserInfo } from "../model/attributes.ts";
import { FirebreakError } from "../model/errors.ts";
import type { Labels } from "../model/kubernetes.ts";
import { selects } from "../model/label-selector.ts";
import type { Boundaries, DomainOwner, FlowContract, FlowContractApproval, SecurityDomain, SecurityDomainSpec } from "../model/security-domain.ts";
import { specDigest } from "./digest.ts";
import { isUnchanged } from "./review.ts";
import { type ApproverKey, signerOf } from "./signed-approval.ts";

export interface BoundaryReviewPorts {
  readonly keys: readonly ApproverKey[];
  readonly now: () => Date;
  /** What is declared now. Throws FBR_FACTS_UNAVAILABLE where that cannot be known. */
  boundaries(): Boundaries;
  namespaces(): ReadonlyMap<string, Labels>;
  /** The contract as it stands now. Throws FBR_FACTS_UNAVAILABLE. */
  contract(name: string): Promise<FlowContract | undefined>;
  /** Whether somebody may change segmentation labels: then domains too. Throws FBR_FACTS_UNAVAILABLE. */
  mayChangeLabels(user: UserInfo): Promise<boolean>;
  /** Keys of namespace labels that only the platform team writes. */
  readonly protectedKeys: readonly string[];
}

/** How long a contract carries at most before it is looked at again (PCI DSS 4.0.1, 1.2.7: six months). */
const mostDays = 180;
const dayMillis = 24 * 3_600_000;

/**
 * Whether a security domain, a flow contract or an approval of one may be written as it is.
 *
 * @returns what is to be told of one that is good.
 * @throws FirebreakError FBR_BOUNDARY_INVALID, FBR_FORBIDDEN, FBR_SIGNATURE, FBR_FACTS_UNAVAILABLE
 */
export async function reviewBoundary(attributes: Attributes, ports: BoundaryReviewPorts): Promise<string[]> {
  const { kind, operation, object } = attributes;
  if (kind.kind === "SecurityDomain") return reviewDomain(attributes, ports);
  if (operation === "DELETE" || object === undefined || isUnchanged(attributes)) return [];
  if (kind.kind === "FlowContract") return reviewContract(object as FlowContract, ports);
  return reviewApproval(object as FlowContractApproval, attributes, ports);
}

async function reviewDomain({ object, oldObject, name, user }: Attributes, ports: BoundaryReviewPorts): Promise<string[]> {
  const [before, after] = [oldObject as SecurityDomain | undefined, object as SecurityDomain | undefined];
  const own = name || (after?.metadata?.name ?? "");
  const owners = before?.spec?.owners ?? [];
  const same = before?.spec !== undefined && after?.spec !== undefined && specDigest(before.spec as object) === specDigest(after.spec as object);
  if (same) return [];
  if (owners.length > 0 && !owns(user, owners) && !(await ports.mayChangeLabels(user)))
    throw forbidden(`${user.username} does not own ${own}: have ${ownerWords(owners)} make the change`);
  if (after?.spec === undefined) return [];
  const { domains } = ports.boundaries();
  checkParent(own, after.spec, domains);
  checkOverlap(own, after.spec, domains, ports.namespaces());
  const { members, owners: kept = [], guard } = after.spec;
  const { matchLabels = {}, matchExpressions = [] } = members?.namespaceSelector ?? {};
  const free = [...Object.keys(matchLabels), ...matchExpressions.map(({ key }) => key)].filter(
    (key) => !ports.protectedKeys.includes(key) && key !== "kubernetes.io/metadata.name",
  );
  return [
    ...(free.length === 0 ? [] : [`whoever may edit a namespace may set ${free[0]}, and so choose this domain: protect the key (labels.sources)`]),
    ...(guard !== undefined && kept.length === 0 ? ["nobody owns this domain: nobody can approve a flow contract of it"] : []),
  ];
}

function checkParent(own: string, { parent, type }: SecurityDomainSpec, domains: Boundaries["domains"]): void {
  if (parent === undefined) return;
  const found = domains.find(({ name }) => name === parent);
  if (found === undefined) throw invalid(`spec.parent: there is no domain ${parent}`);
  if (found.spec.type !== type) throw invalid(`spec.parent: ${parent} is of type ${found.spec.type}, not ${type}`);
  const seen = new Set([own]);
  for (let at: string | undefined = parent; at !== undefined; at = domains.find(({ name }) => name === at)?.spec.parent) {
    if (seen.has(at)) throw invalid(`spec.parent: ${own} would hold itself, through ${parent}`);
    seen.add(at);
  }
}

/** Nobody belongs to two Tenants: whose data would it be? Domains that choose pod by pod are compared by their namespaces. */
function checkOverlap(own: string, spec: SecurityDomainSpec, domains: Boundaries["domains"], namespaces: ReadonlyMap<string, Labels>): void {
  if (spec.type !== "Tenant") return;
  for (const other of domains) {
    if (other.name === own || other.spec.type !== "Tenant" || isAncestor(other.name, own, spec, domains)) continue;
    for (const [namespace, labels] of namespaces)
      if (selects(spec.members?.namespaceSelector, labels) && selects(other.spec.members?.namespaceSelector, labels) && !toldApart(spec, other.spec))
        throw invalid(`the Tenants ${own} and ${other.name} would both hold the namespace ${namespace}: narrow spec.members of one of them`);
  }
}

/** Whether two domains want different values of one pod label, or different service accounts. */
function toldApart({ members: one }: SecurityDomainSpec, { members: other }: SecurityDomainSpec): boolean {
  const [labels, others] = [one?.podSelector?.matchLabels ?? {}, other?.podSelector?.matchLabels ?? {}];
  if (Object.entries(labels).some(([key, value]) => Object.hasOwn(others, key) && others[key] !== value)) return true;
  const [accounts, otherAccounts] = [one?.serviceAccounts ?? [], other?.serviceAccounts ?? []];
  return accounts.length > 0 && otherAccounts.length > 0 && !accounts.some((account) => otherAccounts.includes(account));
}

/** Whether one of two domains holds the other. */
function isAncestor(other: string, own: string, { parent }: SecurityDomainSpec, domains: Boundaries["domains"]): boolean {
  const lineage = (from: string | undefined): string[] => {
    const names: string[] = [];
    for (let at = from; at !== undefined && !names.includes(at); at = domains.find(({ name }) => name === at)?.spec.parent) names.push(at);
    return names;
  };
  return lineage(parent).includes(other) || lineage(other).includes(own);
}

function reviewContract({ metadata, spec }: FlowContract, { boundaries, now }: BoundaryReviewPorts): string[] {
  if (spec === undefined) throw invalid("it has no spec");
  const { domains } = boundaries();
  for (const side of ["from", "to"] as const)
    if (!domains.some(({ name }) => name === spec[side])) throw invalid(`spec.${side}: there is no domain ${spec[side]}`);
  const due = Date.parse(spec.reviewBy);
  if (Number.isNaN(due)) throw invalid("spec.reviewBy must be an instant like 2026-12-31T00:00:00Z");
  if (due <= now().getTime()) throw invalid(`spec.reviewBy (${spec.reviewBy}) is over`);
  if (due - now().getTime() > mostDays * dayMillis) throw invalid(`spec.reviewBy is more than ${mostDays} days away`);
  return [`an owner of ${spec.from} and one of ${spec.to} must approve it: FlowContractApproval with specDigest ${specDigest(spec)} of ${metadata?.name}`];
}

async function reviewApproval({ spec }: FlowContractApproval, { user, operation }: Attributes, ports: BoundaryReviewPorts): Promise<string[]> {
  if (spec === undefined) throw invalid("it has no spec");
  if (operation === "UPDATE") throw invalid("an approval is never changed: delete it and make another");
  const contract = await ports.contract(spec.contract);
  if (contract?.spec === undefined) throw invalid(`there is no flow contract ${spec.contract}`);
  const digest = specDigest(contract.spec);
  if (digest !== spec.specDigest)
    throw invalid(`spec.specDigest is ${spec.specDigest}, and ${spec.contract} is ${digest} now: read it again before you approve`);
  const side = contract.spec[spec.side];
  const owners = ports.boundaries().domains.find(({ name }) => name === side)?.spec.owners ?? [];
  const approver: UserInfo = spec.signature === undefined ? user : { username: signerOf(spec, ports.keys), groups: [], extra: {} };
  if (approver.username === contract.spec.requestedBy) throw forbidden(`${approver.username} asked for ${spec.contract}: somebody else must approve it`);
  if (!owns(approver, owners)) throw forbidden(`${approver.username} does not own ${side}: have ${ownerWords(owners)} approve it`);
  return [];
}

function owns({ username, groups }: UserInfo, owners: readonly DomainOwner[]): boolean {
  return owners.some(({ kind, name }) => (kind === "User" ? name === username : groups.includes(name)));
}

function ownerWords(owners: readonly DomainOwner[]): string {
  return owners.length === 0
    ? "an owner (spec.owners names none)"
    : owners.map(({ kind, name }) => `${kind === "Group" ? "somebody of " : ""}${name}`).join(" or ");
}

function invalid(why: string): FirebreakError {
  return new FirebreakError("FBR_BOUNDARY_INVALID", why);
}

function forbidden(why: string): FirebreakError {
  return new FirebreakError("FBR_FORBIDDEN", why);
}
