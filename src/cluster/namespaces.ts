import { FirebreakError } from "../model/errors.ts";
import type { NamespaceFacts } from "../model/facts.ts";
import type { KubernetesObject, ObjectMeta } from "../model/kubernetes.ts";
import { modeOf } from "../model/mode.ts";
import type { LabelScheme } from "../model/segmentation-labels.ts";
import { type ApiClient, isStatus } from "./api-client.ts";
import { Reflector } from "./reflector.ts";
import type { Log } from "./settings.ts";

/** What is kept of a Namespace. */
type NamespaceView = Required<Pick<ObjectMeta, "name">> & Pick<ObjectMeta, "uid" | "labels" | "creationTimestamp" | "deletionTimestamp">;

interface NamespacesOptions {
  readonly api: ApiClient;
  readonly scheme: LabelScheme;
  readonly installedAt: Date;
  readonly staleMillis: number;
  readonly onChange: (name: string) => void;
  readonly log: Log;
}

/** Namespaces from a warm copy; one live read where the copy has none or is stale. */
export class Namespaces {
  readonly #options: NamespacesOptions;
  readonly reflector: Reflector<NamespaceView>;

  constructor(options: NamespacesOptions) {
    this.#options = options;
    const { api, onChange, log } = options;
    this.reflector = new Reflector({ api, name: "namespaces", path: "/api/v1/namespaces", project, onChange, log });
  }

  /** @throws FirebreakError FBR_FACTS_UNAVAILABLE where neither the copy nor the API server knows it. */
  async facts(name: string, live = false): Promise<NamespaceFacts> {
    const fresh = !live && this.reflector.ageMillis() <= this.#options.staleMillis;
    const known = fresh ? this.reflector.get(name) : undefined;
    return this.#toFacts(known ?? (await this.#read(name)));
  }

  all(): NamespaceFacts[] {
    return this.reflector.values().map((view) => this.#toFacts(view));
  }

  known(name: string): NamespaceFacts | undefined {
    const view = this.reflector.get(name);
    return view && this.#toFacts(view);
  }

  /** A namespace whose mode follows from its age and tenant but is not written on it: it was made while nobody stamped it. */
  lacksModeLabel(name: string, modeKey: string): boolean {
    const view = this.reflector.get(name);
    return view !== undefined && !Object.hasOwn(view.labels ?? {}, modeKey) && this.#toFacts(view).mode === "enforce";
  }

  async #read(name: string): Promise<NamespaceView> {
    try {
      return project(await this.#options.api.call<KubernetesObject>("GET", `/api/v1/namespaces/${name}`, { timeoutMillis: 3000 }));
    } catch (cause) {
      const why = isStatus(cause, 404) ? "does not exist yet" : "cannot be read";
      throw new FirebreakError("FBR_FACTS_UNAVAILABLE", `namespace ${name} ${why}`, { cause });
    }
  }

  #toFacts(view: NamespaceView): NamespaceFacts {
    const { scheme, installedAt } = this.#options;
    return { name: view.name, labels: view.labels ?? {}, terminating: view.deletionTimestamp !== undefined, mode: modeOf(scheme, view, installedAt) };
  }
}

function project({ metadata = {} }: KubernetesObject): NamespaceView {
  const { name = "", uid, labels, creationTimestamp, deletionTimestamp } = metadata;
  return {
    name,
    ...(uid && { uid }),
    ...(labels && { labels }),
    ...(creationTimestamp && { creationTimestamp }),
    ...(deletionTimestamp && { deletionTimestamp }),
  };
}
