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
  const found: string[] = [];
  let page: { readonly metadata: { readonly continue?: string }; readonly items: readonly DaemonSet[] } | undefined;
  do {
    page = await api.get<NonNullable<typeof page>>("/apis/apps/v1/daemonsets", { limit: 200, continue: page?.metadata.continue });
    for (const { metadata, spec } of page.items) {
      const pod = spec?.template?.spec;
      const needed = pod?.hostNetwork === true || pod?.priorityClassName?.startsWith("system-") === true;
      const guarded = !excluded.has(metadata.namespace) && namespaces(metadata.namespace)?.mode === "enforce";
      if (needed && guarded) found.push(`${metadata.namespace}/${metadata.name}`);
    }
  } while (page.metadata.continue);
  return found;
}
