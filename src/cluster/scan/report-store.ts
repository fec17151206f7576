import { messageOf } from "../../model/errors.ts";
import { type ApiClient, absent, isStatus } from "../api-client.ts";
import type { Log } from "../settings.ts";

/** Where reports of a format are kept. */
export interface ReportKinds {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly clusterPlural: string;
}

interface Stored {
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

const ours = "app.kubernetes.io/managed-by=firebreak";

/** Report objects in the cluster: one a namespace and one for the cluster, written where something is to be said and removed where nothing is. */
export class ReportStore {
  readonly #api: ApiClient;
  readonly #kinds: ReportKinds;
  readonly #log: Log;

  constructor(api: ApiClient, kinds: ReportKinds, log: Log) {
    this.#api = api;
    this.#kinds = kinds;
    this.#log = log;
  }

  /** Whether the kinds are installed: they belong to another project, and not every cluster has them. */
  async installed(): Promise<boolean> {
    const { group, version, plural } = this.#kinds;
    try {
      await this.#api.get(`/apis/${group}/${version}/${plural}`, { limit: 1 });
      return true;
    } catch (thrown) {
      if (isStatus(thrown, 404)) return false;
      throw thrown;
    }
  }

  /** Puts the report of a namespace in place, or takes it away. A namespace that is going takes it along. */
  async put(namespace: string, report: object | undefined): Promise<void> {
    const path = `${this.#collection(namespace)}/firebreak`;
    try {
      if (report === undefined) await this.#api.call("DELETE", path).catch(absent);
      else await this.#api.apply(path, report);
    } catch (thrown) {
      if (!isStatus(thrown, 403, 404)) throw thrown;
      this.#log("a report was not written: its namespace is going, or it may not be written", { namespace, error: messageOf(thrown) });
    }
  }

  /** Takes away what says something of places of which nothing is to be said any more. */
  async keepOnly(namespaces: ReadonlySet<string>): Promise<void> {
    const { group, version, plural, clusterPlural } = this.#kinds;
    const [own, clusterWide] = await Promise.all([
      this.#api.list<Stored>(`/apis/${group}/${version}/${plural}`, { labelSelector: ours }),
      this.#api.list<Stored>(`/apis/${group}/${version}/${clusterPlural}`, { labelSelector: ours }),
    ]);
    const stale = [...own, ...clusterWide].filter(({ metadata }) => !namespaces.has(metadata.namespace ?? ""));
    for (const { metadata } of stale) await this.put(metadata.namespace ?? "", undefined);
  }

  #collection(namespace: string): string {
    const { group, version, plural, clusterPlural } = this.#kinds;
    return namespace === "" ? `/apis/${group}/${version}/${clusterPlural}` : `/apis/${group}/${version}/namespaces/${namespace}/${plural}`;
  }
}
