import type { NamespaceFacts } from "../model/facts.ts";
import type { ApiClient } from "./api-client.ts";

interface DaemonSet {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec?: { readonly template?: { readonly spec?: { readonly hostNetwork?: boolean; readonly priorityClassName?: string } } };
}

/**
 * DaemonSets that nodes need to come up (on the host's network, or of a system priority) in namespaces that are enforced: if
 * Firebreak is down, their pods cannot be created. Whoever runs the cluster should exclude such a namespace, or know.
 */
export async function guardedNodeNeeds(
  api: ApiClient,
  namespaces: (name: string) => NamespaceFacts | undefined,
  excluded: ReadonlySet<string>,
): Promise<string[]> {
  const daemonSets = await api.list<DaemonSet>("/apis/apps/v1/daemonsets");
  return daemonSets
    .filter(({ metadata, spec }) => {
      const pod = spec?.template?.spec;
      const needed = pod?.hostNetwork === true || pod?.priorityClassName?.startsWith("system-") === true;
      return needed && !excluded.has(metadata.namespace) && namespaces(metadata.namespace)?.mode === "enforce";
    })
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
}
