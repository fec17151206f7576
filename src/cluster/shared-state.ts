import type { AuthorityState, AuthorityStore } from "../model/certificates.ts";
import { type ApiClient, absent, isStatus } from "./api-client.ts";

interface Stored {
  readonly metadata: { readonly resourceVersion: string };
  readonly data?: Readonly<Record<string, string>>;
}

/** Names of the objects in our own namespace that replicas share. */
export const sharedNames = { authority: "firebreak-authority", installation: "firebreak-installation", mode: "firebreak-mode" } as const;

/** The certificate authority in a Secret. */
export function secretAuthorityStore(api: ApiClient, namespace: string): AuthorityStore {
  const collection = `/api/v1/namespaces/${namespace}/secrets`;
  const path = `${collection}/${sharedNames.authority}`;
  return {
    async load() {
      const secret = await api.get<Stored>(path).catch(absent);
      if (secret?.data?.["state"] === undefined) return undefined;
      const state = JSON.parse(Buffer.from(secret.data["state"], "base64").toString("utf8")) as AuthorityState;
      return { state, version: secret.metadata.resourceVersion };
    },
    async save(state, version) {
      const body = {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: sharedNames.authority, namespace, ...(version === undefined ? {} : { resourceVersion: version }) },
        data: { state: Buffer.from(JSON.stringify(state)).toString("base64") },
      };
      try {
        await (version === undefined ? api.call("POST", collection, { body }) : api.call("PUT", path, { body }));
        return true;
      } catch (thrown) {
        if (isStatus(thrown, 409, 404)) return false;
        throw thrown;
      }
    },
  };
}

/** The instant of the installation, for who only reads; without one, namespaces count as if they were newer. */
export async function installedSince(api: ApiClient, namespace: string): Promise<Date> {
  const stored = await api.get<Stored>(`/api/v1/namespaces/${namespace}/configmaps/${sharedNames.installation}`).catch((thrown: unknown) => {
    if (isStatus(thrown, 403, 404)) return undefined;
    throw thrown;
  });
  const instant = new Date(stored?.data?.["installedAt"] ?? 0);
  instant.setMilliseconds(0);
  return instant;
}

/** The instant of the first installation: written once, kept by upgrades. Namespaces that are older are only observed. */
export async function installationInstant(api: ApiClient, namespace: string, now: Date): Promise<Date> {
  const collection = `/api/v1/namespaces/${namespace}/configmaps`;
  const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: sharedNames.installation, namespace }, data: { installedAt: now.toISOString() } };
  const created = await api.call<Stored>("POST", collection, { body }).catch((thrown: unknown) => {
    if (isStatus(thrown, 409)) return undefined;
    throw thrown;
  });
  const stored = created ?? (await api.get<Stored>(`${collection}/${sharedNames.installation}`));
  // Namespaces carry whole seconds: one that was created in the second of the installation counts as newer.
  const instant = new Date(stored.data?.["installedAt"] ?? now.toISOString());
  instant.setMilliseconds(0);
  return instant;
}
