import type { KubernetesObject, OwnerReference } from "../model/kubernetes.ts";
import { labelOf } from "../model/kubernetes.ts";

/** The label with which the Deployment controller tells its ReplicaSets apart (apps/v1 DefaultDeploymentUniqueLabelKey). */
const podTemplateHash = "pod-template-hash";

/** The owner reference that controls an object, if any. */
export function controllerOf(object: KubernetesObject | undefined): OwnerReference | undefined {
  return object?.metadata?.ownerReferences?.find((owner) => owner.controller === true);
}

/**
 * The name of the Deployment behind a pod's ReplicaSet, read from the pod alone: a ReplicaSet of a Deployment is named
 * `<deployment>-<pod-template-hash>`. A ReplicaSet that somebody made by hand is its own root.
 */
export function replicaSetRoot(pod: KubernetesObject, replicaSet: OwnerReference): string {
  const hash = labelOf(pod.metadata?.labels, podTemplateHash);
  const suffix = hash === undefined ? undefined : `-${hash}`;
  return suffix !== undefined && replicaSet.name.endsWith(suffix) ? replicaSet.name.slice(0, -suffix.length) : replicaSet.name;
}

/** The name of a workload as it is known at CREATE: under generateName the generated part is not, and is left off. */
export function workloadName(object: KubernetesObject | undefined): string | undefined {
  const name = object?.metadata?.name;
  if (name) return name;
  const prefix = object?.metadata?.generateName?.replace(/[^A-Za-z0-9]+$/, "");
  return prefix ? prefix : undefined;
}
