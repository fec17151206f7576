import type { UserInfo } from "../model/attributes.ts";
import { type Access, noAccess } from "../model/facts.ts";
import type { KubernetesObject } from "../model/kubernetes.ts";
import { customVerbs, mayUser } from "./access.ts";
import { type ApiClient, absent } from "./api-client.ts";

interface ResourceList {
  readonly resources: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[];
}

/** The cluster as a command sees it once, with the permissions of whoever runs it. */
export class ClusterSnapshot {
  readonly #api: ApiClient;
  readonly #resources = new Map<string, Promise<ResourceList | undefined>>();

  constructor(api: ApiClient) {
    this.#api = api;
  }

  /** Namespaces, network policies and pods: what facts are made of. Pods are cut down to what counts. */
  async objects(): Promise<KubernetesObject[]> {
    const [namespaces, policies, pods] = await Promise.all([
      this.#api.list<KubernetesObject>("/api/v1/namespaces"),
      this.#api.list<KubernetesObject>("/apis/networking.k8s.io/v1/networkpolicies"),
      this.#api.list<KubernetesObject & { status?: { phase?: string } }>("/api/v1/pods"),
    ]);
    return [
      ...namespaces.map((object) => ({ ...object, apiVersion: "v1", kind: "Namespace" })),
      ...policies.map((object) => ({ ...object, apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" })),
      ...pods.map(({ metadata, status }) => ({
        apiVersion: "v1",
        kind: "Pod",
        metadata: {
          name: metadata?.name ?? "",
          namespace: metadata?.namespace ?? "",
          ...(metadata?.deletionTimestamp === undefined ? {} : { deletionTimestamp: metadata.deletionTimestamp }),
        },
        status: { phase: status?.phase },
      })),
    ];
  }

  /** Who the credentials say one is (SelfSubjectReview, authentication.k8s.io/v1). */
  async self(): Promise<UserInfo> {
    const review = await this.#api.call<{ status: { userInfo: UserInfo } }>("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {
      body: { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" },
    });
    const { username, groups = [], extra = {} } = review.status.userInfo;
    return { username, groups, extra };
  }

  /** What a user may do with protected keys, modes and the installation; undefined where the API server may not be asked. */
  async access(user: UserInfo): Promise<Access | undefined> {
    try {
      const [changeLabels, setMode, changeInstallation] = await Promise.all([
        mayUser(this.#api, user, customVerbs.changeLabels, ""),
        mayUser(this.#api, user, customVerbs.setMode, ""),
        mayUser(this.#api, user, customVerbs.changeInstallation, ""),
      ]);
      return { ...noAccess, changeLabels, setMode, changeInstallation };
    } catch {
      return undefined;
    }
  }

  /** The object of the same kind and name as it stands now. */
  async existing({ apiVersion = "", kind = "", metadata }: KubernetesObject): Promise<KubernetesObject | undefined> {
    if (!metadata?.name) return undefined;
    const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const known = this.#resources.get(root) ?? this.#api.get<ResourceList>(root).catch(absent);
    this.#resources.set(root, known);
    const resource = (await known)?.resources.find((candidate) => candidate.kind === kind && !candidate.name.includes("/"));
    if (resource === undefined) return undefined;
    const place = resource.namespaced ? `namespaces/${metadata.namespace}/` : "";
    const found = await this.#api.get<KubernetesObject>(`${root}/${place}${resource.name}/${metadata.name}`).catch(absent);
    return found === undefined ? undefined : { ...found, apiVersion, kind };
  }
}
