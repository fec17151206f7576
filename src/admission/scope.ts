import { type Attributes, isNamespace, resourceName } from "../model/attributes.ts";
import { sameJson } from "../segmentation/same-json.ts";

/**
 * Subresources that carry nothing which a rule judges, each with its reason. Everything that is not listed here is judged,
 * also what no version of Kubernetes knows yet.
 */
const skipped: ReadonlyMap<string, string> = new Map([
  ["pods/eviction", "removing a pod is never blocked"],
  ["pods/log", "read only"],
  ["pods/resize", "changes resources.requests and limits only (KEP-1287)"],
  ["apps/deployments/scale", "changes the number of pods, not the pods"],
  ["apps/replicasets/scale", "changes the number of pods, not the pods"],
  ["apps/statefulsets/scale", "changes the number of pods, not the pods"],
  ["apps/deployments/status", "written by the controller; carries no template change"],
  ["apps/replicasets/status", "written by the controller; carries no template change"],
  ["apps/statefulsets/status", "written by the controller; carries no template change"],
  ["apps/daemonsets/status", "written by the controller; carries no template change"],
  ["batch/jobs/status", "written by the controller; carries no template change"],
  ["batch/cronjobs/status", "written by the controller; carries no template change"],
]);

interface Scope {
  readonly excludedNamespaces: ReadonlySet<string>;
  readonly resolverConfigurations: readonly string[];
}

/** Why a request is not judged at all, or undefined where it is. */
export function skipReason(attributes: Attributes, { excludedNamespaces, resolverConfigurations }: Scope): string | undefined {
  const { kind, name, namespace, phase } = attributes;
  // The resolver stands in an excluded namespace, and every rule by name trusts it.
  if (kind.kind === "ConfigMap" && resolverConfigurations.includes(`${namespace}/${name}`)) return undefined;
  if (excludedNamespaces.has(namespace) && !isNamespace(kind)) return `namespace ${namespace} is excluded by configuration`;
  // The labels of an excluded namespace are guarded all the same: others' policies select by them.
  if (excludedNamespaces.has(name) && isNamespace(kind) && phase === "mutating") return `namespace ${name} is excluded by configuration`;
  if (kind.kind === "Pod" && attributes.operation === "DELETE") return "removing a pod is never blocked";
  return skipped.get(resourceName(attributes));
}

/** Metadata that controllers, garbage collection and GitOps tools write, and that no rule reads. */
const housekeeping: ReadonlySet<string> = new Set(["finalizers", "ownerReferences", "managedFields", "resourceVersion", "generation"]);

/** Kinds whose annotations rules read: injection of a mesh, internal load balancers, ingress classes. */
const annotationsMatter: ReadonlySet<string> = new Set(["/Namespace", "/Service", "networking.k8s.io/Ingress"]);

/**
 * Whether an UPDATE changes nothing but housekeeping: finalizers, owner references, annotations. Refusing such a change
 * would leave Jobs that never finish and namespaces that never go.
 */
export function isHousekeeping({ operation, kind, object, oldObject }: Attributes): boolean {
  if (operation !== "UPDATE" || object === undefined || oldObject === undefined) return false;
  const keepAnnotations = annotationsMatter.has(`${kind.group}/${kind.kind}`);
  return sameJson(essence(object, keepAnnotations), essence(oldObject, keepAnnotations));
}

function essence(object: object, keepAnnotations: boolean): unknown {
  const { metadata, ...rest } = object as { metadata?: object };
  const kept = Object.entries(metadata ?? {}).filter(([key]) => !housekeeping.has(key) && (keepAnnotations || key !== "annotations"));
  return { ...rest, metadata: Object.fromEntries(kept) };
}
