import type { KubernetesObject } from "../model/kubernetes.ts";
import { type ApiClient, absent, isStatus } from "./api-client.ts";

/** The kinds of our own that have a status, by the name that the API has for them. */
type Plural = "rulepacks" | "exemptions" | "flowcontracts";

const attempts = 5;

/**
 * Changes the status of one of our own objects from what it is now: replicas write it side by side, and none may undo what another
 * wrote. Does nothing where the object is gone, or where nothing changes.
 */
export async function changeStatus<S extends object>(api: ApiClient, plural: Plural, name: string, change: (status: Partial<S>) => Partial<S>): Promise<void> {
  for (let attempt = 1; attempt < attempts; attempt++) {
    const overtaken = await changeOnce(api, plural, name, change).catch((thrown: unknown) => {
      if (isStatus(thrown, 409)) return true;
      throw thrown;
    });
    if (!overtaken) return;
  }
  await changeOnce(api, plural, name, change);
}

async function changeOnce<S extends object>(api: ApiClient, plural: Plural, name: string, change: (status: Partial<S>) => Partial<S>): Promise<false> {
  const path = `/apis/firebreak.dev/v1alpha1/${plural}/${name}`;
  const found = await api.get<KubernetesObject & { status?: Partial<S> }>(path).catch(absent);
  if (found === undefined) return false;
  const status = change(found.status ?? {});
  if (JSON.stringify(status) !== JSON.stringify(found.status ?? {})) await api.call("PUT", `${path}/status`, { body: { ...found, status } }).catch(absent);
  return false;
}
