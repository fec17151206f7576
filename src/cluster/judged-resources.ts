import { messageOf } from "../model/errors.ts";
import type { ApiClient } from "./api-client.ts";
import { servedKinds } from "./scan/kinds.ts";
import type { Log } from "./settings.ts";

/** A resource that some rule judges, and by which operations. */
export interface JudgedResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly namespaced: boolean;
  readonly operations: readonly string[];
}

/** Discovery is asked again after so long: a kind may be installed after the pack that judges it. */
const freshMillis = 60_000;

/** What API servers and nodes live by, and what would call us while it decides: never sent to a webhook, whatever a pack says. */
const never: ReadonlySet<string> = new Set([
  "coordination.k8s.io/leases",
  "authentication.k8s.io/tokenreviews",
  "authorization.k8s.io/subjectaccessreviews",
  "authorization.k8s.io/localsubjectaccessreviews",
  "authorization.k8s.io/selfsubjectaccessreviews",
  "authorization.k8s.io/selfsubjectrulesreviews",
  "/events",
  "events.k8s.io/events",
  "/nodes",
  "/componentstatuses",
  "flowcontrol.apiserver.k8s.io/flowschemas",
  "flowcontrol.apiserver.k8s.io/prioritylevelconfigurations",
]);

/** The resources that packs judge, as this API server serves them. */
export class JudgedResources {
  readonly #api: ApiClient;
  readonly #keys: () => readonly string[];
  readonly #log: Log;
  #known: { readonly asked: string; readonly at: number; readonly resources: readonly JudgedResource[] } | undefined;

  /** `keys`: what rules are asked about, `CREATE group/Kind`. */
  constructor(api: ApiClient, keys: () => readonly string[], log: Log) {
    this.#api = api;
    this.#keys = keys;
    this.#log = log;
  }

  /** Where discovery fails, what was known last: a registration is not narrowed by an API server that is busy. */
  async current(): Promise<readonly JudgedResource[]> {
    const keys = [...new Set(this.#keys())].filter((key) => !key.startsWith("AUDIT ")).sort();
    const asked = keys.join("\n");
    if (this.#known?.asked === asked && performance.now() - this.#known.at < freshMillis) return this.#known.resources;
    try {
      const operations = Map.groupBy(keys, (key) => key.slice(key.indexOf(" ") + 1));
      const kinds = await servedKinds(this.#api, [...operations.keys()]);
      const resources = kinds.flatMap(({ key, apiVersion, resource, namespaced }): JudgedResource[] => {
        const [group, version] = apiVersion.includes("/") ? (apiVersion.split("/") as [string, string]) : ["", apiVersion];
        const asks = (operations.get(key) ?? []).map((one) => one.slice(0, one.indexOf(" "))).filter((operation) => operation !== "CONNECT");
        return never.has(`${group}/${resource}`) || group === "firebreak.dev" ? [] : [{ group, version, resource, namespaced, operations: asks }];
      });
      this.#known = { asked, at: performance.now(), resources };
    } catch (thrown) {
      this.#log("what rule packs judge could not be looked up", { error: messageOf(thrown) });
    }
    return this.#known?.resources ?? [];
  }
}
