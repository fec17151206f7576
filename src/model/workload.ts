import type { ObjectMeta } from "./kubernetes.ts";

/** Where the pod of a workload kind stands in its object: `[]` is the object itself. Sources: the apps/v1, batch/v1 and core/v1 APIs. */
const podTemplatePaths: ReadonlyMap<string, readonly string[]> = new Map([
  ["/Pod", []],
  ["/PodTemplate", ["template"]],
  ["/ReplicationController", ["spec", "template"]],
  ["apps/Deployment", ["spec", "template"]],
  ["apps/StatefulSet", ["spec", "template"]],
  ["apps/DaemonSet", ["spec", "template"]],
  ["apps/ReplicaSet", ["spec", "template"]],
  ["batch/Job", ["spec", "template"]],
  ["batch/CronJob", ["spec", "jobTemplate", "spec", "template"]],
]);

/** The path of the pod (its metadata and spec) in a workload, or undefined for a kind that runs no pods. */
export function podPath(kind: { group: string; kind: string }): readonly string[] | undefined {
  return podTemplatePaths.get(`${kind.group}/${kind.kind}`);
}

/** What stands at a path of an object; undefined where a step is missing or not an object. */
export function valueAt(root: unknown, path: readonly string[]): unknown {
  let current: unknown = root;
  for (const segment of path) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, segment)) return undefined;
    current = (current as Record<string, unknown>)[segment];
  }
  return current;
}

/** Whether a controller made this object: its template then belongs to that controller, never to us. */
export function hasController(metadata: ObjectMeta | undefined): boolean {
  return metadata?.ownerReferences?.some((owner) => owner.controller === true) ?? false;
}
