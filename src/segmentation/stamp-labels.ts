import type { Attributes } from "../model/attributes.ts";
import type { PatchOperation } from "../model/decision.ts";
import type { JsonValue, Labels } from "../model/kubernetes.ts";
import type { LabelKeys } from "../model/segmentation-labels.ts";
import { hasController, podPath, valueAt } from "../model/workload.ts";
import { addAbsentKeys } from "./json-patch.ts";
import { sameJson } from "./same-json.ts";

/** The annotation that marks a pod as the mirror of a static pod (KEP-1539, core/v1 MirrorPodAnnotationKey). */
const mirrorAnnotation = "kubernetes.io/config.mirror";

/** Kinds whose template is never stamped: their owner compares it with its own (a stamp here multiplies ReplicaSets). */
const neverStamped: ReadonlySet<string> = new Set(["ReplicaSet", "ReplicationController", "PodTemplate"]);

/**
 * Whether this request is one of the few places where labels are stamped: a Pod at CREATE; the template of a workload
 * without a controller at CREATE, and at UPDATE when `spec.template` itself differs (a stamp on a mere annotation change
 * would start a rollout that nobody asked for; a running Job's template is immutable).
 */
export function isStampedHere(attributes: Attributes): boolean {
  const { kind, operation, object, oldObject, subResource } = attributes;
  const path = podPath(kind);
  if (path === undefined || subResource !== "" || object === undefined || neverStamped.has(kind.kind)) return false;
  if (kind.kind === "Pod") return operation === "CREATE" && !isMirrorPod(attributes);
  if (hasController(object.metadata)) return false;
  if (operation === "CREATE") return true;
  return operation === "UPDATE" && kind.kind !== "Job" && !sameJson(valueAt(object, path), valueAt(oldObject, path));
}

/** A mirror pod counts as one only when the kubelet of its own node sends it: anybody may write the annotation. */
export function isMirrorPod({ object, user }: Attributes): boolean {
  const marked = Object.hasOwn(object?.metadata?.annotations ?? {}, mirrorAnnotation);
  const node = valueAt(object, ["spec", "nodeName"]);
  return marked && typeof node === "string" && user.username === `system:node:${node}`;
}

/** The JSON Patch that gives the pod its segmentation labels; empty where nothing is missing. */
export function stampLabels(attributes: Attributes, inherited: Labels, app: string | undefined, keys: LabelKeys): PatchOperation[] {
  const path = podPath(attributes.kind);
  if (path === undefined || !isStampedHere(attributes)) return [];
  const wanted = new Map<string, JsonValue>(Object.entries(inherited));
  if (app !== undefined) wanted.set(keys.app, app);
  return addAbsentKeys(attributes.object, [...path, "metadata", "labels"], wanted);
}
