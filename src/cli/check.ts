import type { Admission } from "../admission/admission.ts";
import { decodeReview } from "../admission/review.ts";
import type { Phase, UserInfo } from "../model/attributes.ts";
import type { Checked } from "../model/checked.ts";
import type { Decision } from "../model/decision.ts";
import { FirebreakError } from "../model/errors.ts";
import type { KubernetesObject } from "../model/kubernetes.ts";
import { applyAdditions } from "../segmentation/json-patch.ts";
import { withApiDefaults } from "./api-defaults.ts";
import type { SourceDocument } from "./documents.ts";
import { isClusterScoped } from "./scopes.ts";

export interface CheckContext {
  readonly admission: Admission;
  /** The namespace of objects that name none. */
  readonly namespace: string;
  readonly user: UserInfo;
  /** The object as it stands in the cluster; undefined where it is not there or not known. */
  existing(object: KubernetesObject): Promise<KubernetesObject | undefined>;
  /** Told after each object, for progress. */
  readonly onChecked?: () => void;
}

const deadlineMillis = 10_000;

/** Judges objects as a webhook would: labels are stamped first, then the guardrails are asked. Recorded AdmissionReviews are judged as they are. */
export async function checkDocuments(documents: readonly SourceDocument[], context: CheckContext): Promise<Checked[]> {
  const checked: Checked[] = [];
  for (const document of documents) {
    const { file, lineOf } = document;
    const isReview = document.object.kind === "AdmissionReview";
    const decision = isReview ? await decide(document, document.object, "validating", context) : await checkObject(document, context);
    const at = isReview ? (path: string) => lineOf(`request.object.${path}`) : lineOf;
    checked.push({ file, document: document.document, object: nameOf(decision), decision, lineOf: at });
    context.onChecked?.();
  }
  return checked;
}

async function checkObject(document: SourceDocument, context: CheckContext): Promise<Decision> {
  const written = withApiDefaults(placed(document.object, context.namespace));
  const before = await context.existing(written);
  const mutated = await decide(document, reviewOf(written, before, context.user), "mutating", context);
  const object = applyAdditions(written, mutated.patch);
  return decide(document, reviewOf(object, before, context.user), "validating", context);
}

async function decide(document: SourceDocument, review: object, phase: Phase, { admission }: CheckContext): Promise<Decision> {
  const bytes = new TextEncoder().encode(JSON.stringify(review));
  const decoded = decodeReview(bytes, phase);
  if (!decoded.ok)
    throw new FirebreakError("FBR_INPUT_INVALID", `${document.file}, document ${document.document}, line ${document.lineOf("")}: ${decoded.message}`);
  const decision = await admission.decide({
    attributes: decoded.attributes,
    review: bytes,
    deadline: Date.now() + deadlineMillis,
    failurePolicy: "Fail",
  });
  if (decision.failure !== undefined)
    throw new FirebreakError(decision.failure.code, `${document.file}, document ${document.document}: ${decision.failure.message}`);
  return decision;
}

/** An object without a namespace lands in the one that was chosen, as with kubectl. */
function placed(object: KubernetesObject, namespace: string): KubernetesObject {
  if (object.metadata?.namespace !== undefined || isClusterScoped(object)) return object;
  return { ...object, metadata: { ...object.metadata, namespace } };
}

function reviewOf(object: KubernetesObject, before: KubernetesObject | undefined, user: UserInfo): object {
  const [group, version] = object.apiVersion?.includes("/") ? object.apiVersion.split("/") : ["", object.apiVersion];
  const kind = { group, version, kind: object.kind };
  return {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: {
      uid: "00000000-0000-4000-8000-000000000000",
      operation: before === undefined ? "CREATE" : "UPDATE",
      kind,
      resource: { group, version, resource: `${object.kind?.toLowerCase()}s` },
      name: object.metadata?.name,
      namespace: object.kind === "Namespace" ? object.metadata?.name : object.metadata?.namespace,
      userInfo: user,
      object,
      oldObject: before ?? null,
    },
  };
}

function nameOf({ attributes }: Decision): string {
  const { namespace, kind, name, object } = attributes;
  const shown = name || `${object?.metadata?.generateName ?? ""}*`;
  return [kind.kind === "Namespace" ? "" : namespace, kind.kind, shown].filter(Boolean).join("/");
}
