import { type ApiClient, isStatus } from "../api-client.ts";

/** A kind that rules judge, as the API server serves it. */
export interface ScannedKind {
  /** `group/Kind` */
  readonly key: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly resource: string;
  readonly namespaced: boolean;
  readonly path: string;
}

interface ResourceList {
  readonly resources: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean; readonly verbs: readonly string[] }[];
}

interface GroupList {
  readonly groups: readonly { readonly name: string; readonly preferredVersion: { readonly groupVersion: string } }[];
}

/** The kinds among those asked for that this API server serves, in the version that it prefers; what it does not serve is not there to be judged. */
export async function servedKinds(api: ApiClient, keys: readonly string[]): Promise<ScannedKind[]> {
  const { groups } = await api.get<GroupList>("/apis");
  const versions = new Map([["", "v1"], ...groups.map(({ name, preferredVersion }) => [name, preferredVersion.groupVersion] as const)]);
  const byGroup = Map.groupBy(keys, (key) => key.slice(0, key.lastIndexOf("/")));
  const found = await Promise.all(
    [...byGroup].map(async ([group, wanted]) => {
      const apiVersion = versions.get(group);
      if (apiVersion === undefined) return [];
      const root = group === "" ? "/api/v1" : `/apis/${apiVersion}`;
      const { resources } = await api.get<ResourceList>(root);
      return wanted.flatMap((key): ScannedKind[] => {
        const kind = key.slice(key.lastIndexOf("/") + 1);
        const resource = resources.find((one) => one.kind === kind && !one.name.includes("/") && one.verbs.includes("list"));
        return resource === undefined
          ? []
          : [{ key, apiVersion, kind, resource: resource.name, namespaced: resource.namespaced, path: `${root}/${resource.name}` }];
      });
    }),
  );
  return found.flat().sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Whether the API server forbids what was asked: a kind that may not be read is told of, never passed over in silence. */
export function isForbidden(thrown: unknown): boolean {
  return isStatus(thrown, 401, 403);
}
