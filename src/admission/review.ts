import type { Attributes, Operation, Phase, UserInfo } from "../model/attributes.ts";
import type { KubernetesObject } from "../model/kubernetes.ts";

/** What arrived, read once: attributes, or why it cannot be judged. The uid is there whenever it could be found. */
export type Decoded =
  | { readonly ok: true; readonly attributes: Attributes }
  | { readonly ok: false; readonly uid: string | undefined; readonly code: 400 | 422; readonly message: string };

const operations: readonly string[] = ["CREATE", "UPDATE", "DELETE", "CONNECT"];

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Decodes an `admission.k8s.io/v1` AdmissionReview. Where it cannot be read whole, its uid is looked for all the same: once it is
 * known, every answer can be an AdmissionResponse. Bytes that are not UTF-8 or not JSON are malformed; nothing is guessed.
 */
export function decodeReview(bytes: Uint8Array, phase: Phase): Decoded {
  const refuse = (code: 400 | 422, message: string): Decoded => ({ ok: false, uid: findUid(bytes), code, message });
  let parsed: unknown;
  try {
    parsed = JSON.parse(decoder.decode(bytes));
  } catch {
    return refuse(400, "the body is not JSON in UTF-8");
  }
  const review = asObject(parsed);
  if (review === undefined) return refuse(400, "the body is not a JSON object");
  if (review["kind"] !== "AdmissionReview") return refuse(400, `kind is ${quote(review["kind"])}, expected "AdmissionReview"`);
  if (review["apiVersion"] !== "admission.k8s.io/v1") return refuse(400, `apiVersion is ${quote(review["apiVersion"])}, expected "admission.k8s.io/v1"`);
  const request = asObject(review["request"]);
  if (request === undefined) return refuse(400, "request is missing");
  if (typeof request["uid"] !== "string" || request["uid"] === "") return refuse(400, "request.uid is missing");
  const problem = problemOf(request);
  if (problem !== undefined) return { ok: false, uid: request["uid"], code: 422, message: problem };
  return { ok: true, attributes: attributesOf(request, phase) };
}

/** The uid stands near the front of what an API server sends: it can be found in a body that was cut off. */
export function findUid(bytes: Uint8Array): string | undefined {
  const front = new TextDecoder("latin1").decode(bytes.subarray(0, 4096));
  return /"uid"\s*:\s*"([A-Za-z0-9-]{1,64})"/.exec(front)?.[1];
}

function problemOf(request: Record<string, unknown>): string | undefined {
  if (!operations.includes(request["operation"] as string)) return `request.operation is ${quote(request["operation"])}`;
  for (const field of ["kind", "resource", "userInfo"]) {
    if (asObject(request[field]) === undefined) return `request.${field} is not an object`;
  }
  for (const field of ["object", "oldObject"]) {
    const value = request[field];
    if (value !== undefined && value !== null && asObject(value) === undefined) return `request.${field} is not an object`;
    const metadata = asObject(value)?.["metadata"];
    if (metadata !== undefined && metadata !== null && asObject(metadata) === undefined) return `request.${field}.metadata is not an object`;
  }
  return undefined;
}

function attributesOf(request: Record<string, unknown>, phase: Phase): Attributes {
  const kind = asObject(request["kind"]) ?? {};
  const resource = asObject(request["resource"]) ?? {};
  const object = asObject(request["object"]);
  const oldObject = asObject(request["oldObject"]);
  return {
    uid: text(request["uid"]),
    phase,
    operation: request["operation"] as Operation,
    kind: { group: text(kind["group"]), version: text(kind["version"]), kind: text(kind["kind"]) },
    resource: { group: text(resource["group"]), version: text(resource["version"]), resource: text(resource["resource"]) },
    subResource: text(request["subResource"]),
    namespace: text(request["namespace"]),
    // One object of a deletecollection comes without its name.
    name: text(request["name"]) || (request["operation"] === "DELETE" ? text(asObject(oldObject?.["metadata"])?.["name"]) : ""),
    user: userOf(asObject(request["userInfo"]) ?? {}),
    dryRun: request["dryRun"] === true,
    ...(object === undefined ? {} : { object: object as KubernetesObject }),
    ...(oldObject === undefined ? {} : { oldObject: oldObject as KubernetesObject }),
  };
}

function userOf(info: Record<string, unknown>): UserInfo {
  const extra = Object.entries(asObject(info["extra"]) ?? {}).map(([key, values]) => [key, texts(values)] as const);
  const uid = text(info["uid"]);
  return { username: text(info["username"]), groups: texts(info["groups"]), extra: Object.fromEntries(extra), ...(uid === "" ? {} : { uid }) };
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function quote(value: unknown): string {
  return (JSON.stringify(value) ?? "missing").slice(0, 60);
}
