import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { parse } from "yaml";
import { Admission, type AdmissionSettings } from "../admission/admission.ts";
import type { Guardrails } from "../admission/ports.ts";
import { decodeReview } from "../admission/review.ts";
import type { Attributes, Operation, UserInfo } from "../model/attributes.ts";
import type { Decision, Effect, Result } from "../model/decision.ts";
import { FirebreakError, messageOf } from "../model/errors.ts";
import type { FactObjects, Facts } from "../model/facts.ts";
import type { KubernetesObject, Labels } from "../model/kubernetes.ts";
import { labelOf } from "../model/kubernetes.ts";
import type { Mode } from "../model/mode.ts";
import { defaultLabelKeys, inheritedLabels, modeKey } from "../model/segmentation-labels.ts";
import { ClusterModel } from "../reachability/cluster-model.ts";
import { boundariesFrom, inventoryOf } from "../reachability/inventory.ts";
import { unannounced } from "../reachability/reach.ts";
import { defaultDenyName } from "../segmentation/default-deny.ts";
import { readText } from "./documents.ts";

/** A request with the facts to judge it by, as a file beside a rule says it. What is left out is an enforced namespace of the tenant acme. */
export interface CaseRequest {
  readonly operation: Operation;
  readonly subResource?: string;
  readonly object?: KubernetesObject;
  readonly oldObject?: KubernetesObject;
  readonly user?: UserInfo;
  readonly facts?: Facts;
  readonly namespaceLabels?: Record<string, string>;
  readonly mode?: Mode;
  /** Objects of the cluster that the pack declared to read, by the name of the fact and then by namespace/name; none where it is left out. */
  readonly cluster?: Readonly<Record<string, FactObjects>>;
  /** Objects that stand in the cluster: namespaces, policies, workloads, domains, contracts (approved, as if both sides had). */
  readonly standing?: readonly KubernetesObject[];
  /** What the rule says, to the letter; each field that is given must be so, and there is nothing else. */
  readonly expect?: readonly Partial<Pick<Result, "message" | "path" | "fix">>[];
}

/** What becomes of a request; a file's name begins with it (`denied-udp.yaml`). */
const outcomes = { denied: "deny", warned: "warn", noted: "dryrun", exempted: "exempted", clean: undefined } as const satisfies Record<
  string,
  Effect | undefined
>;
export type CaseOutcome = keyof typeof outcomes;

export interface PackCase {
  /** `seg_op_001/examples/denied.yaml` */
  readonly file: string;
  /** The folder of the rule. */
  readonly rule: string;
  readonly expected: CaseOutcome;
  readonly request: CaseRequest;
}

export interface PackCases {
  readonly cases: readonly PackCase[];
  /** Parameters that the cases of a rule are judged with, by its folder: a rule that needs a list says nothing without one. */
  readonly parameters: Readonly<Record<string, Record<string, unknown>>>;
}

/** What a case said, where it is not what its file expects. */
export interface CaseFailure {
  readonly file: string;
  /** Lines of a comparison: `- expected`, `+ found`. */
  readonly difference: readonly string[];
}

/** What makes a namespace a place of regulated data in cases. */
const caseSettings: AdmissionSettings = {
  scheme: { keys: defaultLabelKeys, sources: {}, enclaves: { environment: ["enclave"] } },
  excludedNamespaces: new Set(["kube-system"]),
  installedAt: new Date(0),
  clusterMode: "enforce",
  resolverConfigurations: ["kube-system/coredns"],
};

/**
 * Reads the cases beside the rules of a pack.
 *
 * @throws FirebreakError FBR_INPUT_INVALID with the file.
 */
export async function readCases(folder: string): Promise<PackCases> {
  const names = await readdir(folder, { recursive: true });
  const files = names.filter((name) => /^[^/]+\/examples\/[^/]+\.ya?ml$/.test(name)).sort();
  const parameters: Record<string, Record<string, unknown>> = {};
  const cases: PackCase[] = [];
  for (const file of files) {
    const rule = file.split("/")[0] as string;
    const read = await readYaml(join(folder, file));
    const name = basename(file).replace(/\.ya?ml$/, "");
    if (name === "parameters") parameters[rule] = read;
    else cases.push({ file, rule, expected: outcomeOf(file, name), request: requestOf(file, read) });
  }
  return { cases, parameters };
}

/** Judges every case with the real module and says where it differs. */
export async function runCases(cases: readonly PackCase[], idOf: (rule: string) => string | undefined, guardrails: Guardrails): Promise<CaseFailure[]> {
  const failures: CaseFailure[] = [];
  for (const one of cases) {
    const ruleId = idOf(one.rule);
    const difference = ruleId === undefined ? [`- a rule in ${one.rule}/`, "+ no rule with METADATA"] : compare(one, ruleId, await judge(one, guardrails));
    if (difference.length > 0) failures.push({ file: one.file, difference });
  }
  return failures;
}

async function judge({ file, request }: PackCase, guardrails: Guardrails): Promise<Decision> {
  const review = caseReview(request);
  const attributes = attributesOf(file, request, review);
  const admission = new Admission(caseSettings, {
    facts: { factsFor: async () => caseFacts(request) },
    guardrails,
    model: { current: () => caseModel(request) },
    defaultDeny: { ensureStored: async () => {} },
    clock: { now: () => new Date(), micros: () => Math.round(performance.now() * 1000) },
    newId: () => "case",
  });
  return admission.decide({ attributes, review, deadline: Date.now() + 10_000, failurePolicy: "Fail" });
}

/** No API server sends an AUDIT: it is read as a creation and asked as one. */
function attributesOf(file: string, request: CaseRequest, review: Uint8Array): Attributes {
  const sent = request.operation === "AUDIT" ? caseReview({ ...request, operation: "CREATE" }) : review;
  const decoded = decodeReview(sent, "validating");
  if (!decoded.ok) throw new FirebreakError("FBR_INPUT_INVALID", `${file}: ${decoded.message}`);
  return { ...decoded.attributes, operation: request.operation };
}

function compare({ expected, request }: PackCase, ruleId: string, decision: Decision): string[] {
  if (decision.failure !== undefined) return [`- ${expected}`, `+ it could not be judged: ${decision.failure.code} ${decision.failure.message}`];
  const own = decision.results.filter((result) => result.ruleId === ruleId);
  const effect = outcomes[expected];
  const asExpected = effect === undefined ? own.length === 0 : own.some((result) => result.effect === effect);
  if (!asExpected) return [`- ${ruleId} ${expected}`, ...(own.length === 0 ? [`+ ${ruleId} says nothing`] : own.map(foundLine))];
  if (request.expect === undefined) return [];
  const said = own.map(({ message, path, fix }) => ({ message, path, fix }));
  const missing = request.expect.filter((wanted) => !said.some((one) => matches(one, wanted)));
  const surplus = said.filter((one) => !request.expect?.some((wanted) => matches(one, wanted)));
  return [...missing.map((wanted) => `- ${JSON.stringify(wanted)}`), ...surplus.map((one) => `+ ${JSON.stringify(one)}`)];
}

function foundLine({ ruleId, effect, path, message }: Result): string {
  return `+ ${ruleId} ${effect} at ${path}: ${message}`;
}

function matches(found: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([key, value]) => found[key] === value);
}

/** The facts that a case is judged with. */
export function caseFacts({ facts, namespaceLabels, mode = "enforce" }: CaseRequest): Facts {
  const namespace = { name: "shop", labels: { "firebreak.dev/tenant": "acme", ...namespaceLabels }, terminating: false, mode };
  return { namespace, ...facts };
}

/** The cluster that a case is judged against: what stands, the namespace of the case, and whatever an update or a removal finds there. */
export function caseModel({ operation, object, oldObject, standing = [], namespaceLabels, mode = "enforce" }: CaseRequest): ClusterModel {
  const shop = {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "shop", labels: { "firebreak.dev/tenant": "acme", "firebreak.dev/mode": mode, ...namespaceLabels } },
  };
  const found = operation === "AUDIT" ? object : oldObject;
  // Enforced namespaces have their default deny before the first pod: unless the case is about it.
  const deny = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: defaultDenyName, namespace: "shop" },
    spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
  };
  const inventory = inventoryOf([shop, ...(mode === "enforce" ? [deny] : []), ...standing, ...(found === undefined ? [] : [found])]);
  const enforced = (labels: Labels) => labelOf(labels, modeKey) === "enforce";
  return ClusterModel.of(
    inventory,
    {
      plan: unannounced,
      standing: (_, labels) => ({ enforced: enforced(labels), handedDown: Object.fromEntries(inheritedLabels(caseSettings.scheme, labels)) }),
    },
    boundariesFrom(inventory, () => ["from", "to"]),
  );
}

/** The AdmissionReview that an API server would send for a case. */
export function caseReview({ operation, subResource, object, oldObject, user }: CaseRequest): Uint8Array {
  const some = object ?? oldObject;
  const [group, version] = some?.apiVersion?.includes("/") ? some.apiVersion.split("/") : ["", some?.apiVersion];
  const request = {
    uid: "u-1",
    operation,
    kind: { group, version, kind: some?.kind },
    resource: { group, version, resource: `${some?.kind?.toLowerCase()}s` },
    subResource,
    name: some?.metadata?.name,
    namespace: some?.kind === "Namespace" ? some.metadata?.name : some?.metadata?.namespace,
    userInfo: user ?? { username: "alice", groups: ["acme-developers"] },
    object,
    oldObject,
  };
  return new TextEncoder().encode(JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request }));
}

function outcomeOf(file: string, name: string): CaseOutcome {
  const [first = ""] = name.split("-");
  if (Object.hasOwn(outcomes, first)) return first as CaseOutcome;
  throw new FirebreakError("FBR_INPUT_INVALID", `${file}: the name of a case begins with what becomes of it: ${Object.keys(outcomes).join(", ")}`);
}

const fields: ReadonlySet<string> = new Set([
  "operation",
  "subResource",
  "object",
  "oldObject",
  "user",
  "facts",
  "namespaceLabels",
  "mode",
  "cluster",
  "standing",
  "expect",
]);

function requestOf(file: string, read: Record<string, unknown>): CaseRequest {
  const unknown = Object.keys(read).find((key) => !fields.has(key));
  if (unknown !== undefined) throw new FirebreakError("FBR_INPUT_INVALID", `${file}: ${unknown} is no field of a case; it has: ${[...fields].join(", ")}`);
  if (!["CREATE", "UPDATE", "DELETE", "CONNECT", "AUDIT"].includes(String(read["operation"])))
    throw new FirebreakError("FBR_INPUT_INVALID", `${file}: operation must be CREATE, UPDATE, DELETE, CONNECT or AUDIT`);
  if (typeof (read["object"] ?? read["oldObject"]) !== "object") throw new FirebreakError("FBR_INPUT_INVALID", `${file}: it has no object and no oldObject`);
  return read as unknown as CaseRequest;
}

async function readYaml(file: string): Promise<Record<string, unknown>> {
  const text = await readText(file);
  try {
    const read = parse(text, { merge: true, maxAliasCount: 100 });
    if (typeof read !== "object" || read === null || Array.isArray(read)) throw new Error("it is no map");
    return read;
  } catch (cause) {
    throw new FirebreakError("FBR_INPUT_INVALID", `${file}: ${messageOf(cause)}`, { cause });
  }
}
