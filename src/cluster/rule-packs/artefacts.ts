import { FirebreakError } from "../../model/errors.ts";
import { type ApiClient, absent, isStatus } from "../api-client.ts";

/** What tells ConfigMaps that hold bundles from all others. */
export const artefactLabel = "firebreak.dev/rule-pack";

/** etcd takes 1.5 MiB a request; a ConfigMap 1 MiB, which base64 makes of three quarters of it. */
const bundleMost = 750 * 1024;

interface Artefact {
  readonly metadata: { readonly name: string };
  readonly binaryData?: Readonly<Record<string, string>>;
}

/** Bundles that are or were in force, in ConfigMaps that are never changed; replicas fetch them by digest. */
export class Artefacts {
  readonly #api: ApiClient;
  readonly #collection: string;
  readonly #namespace: string;

  constructor(api: ApiClient, namespace: string) {
    this.#api = api;
    this.#namespace = namespace;
    this.#collection = `/api/v1/namespaces/${namespace}/configmaps`;
  }

  /**
   * Stores a bundle under the name that its digest gives; the RulePack owns it, so that it goes with it.
   *
   * @throws FirebreakError FBR_PACK_LIMIT where it is too large for a ConfigMap.
   */
  async store(rulePack: { readonly name: string; readonly uid: string }, digest: string, bundle: Uint8Array): Promise<string> {
    if (bundle.length > bundleMost)
      throw new FirebreakError("FBR_PACK_LIMIT", `the bundle has ${bundle.length} bytes and ${bundleMost} fit into a ConfigMap: make two packs of it`);
    const name = `firebreak-pack-${rulePack.name.slice(0, 150)}-${digest.slice(7, 23)}`;
    const body = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name,
        namespace: this.#namespace,
        labels: { [artefactLabel]: "bundle", "app.kubernetes.io/managed-by": "firebreak" },
        annotations: { "firebreak.dev/rule-pack": rulePack.name },
        ownerReferences: [{ apiVersion: "firebreak.dev/v1alpha1", kind: "RulePack", name: rulePack.name, uid: rulePack.uid }],
      },
      immutable: true,
      binaryData: { "bundle.tar.gz": Buffer.from(bundle).toString("base64") },
    };
    await this.#api.call("POST", this.#collection, { body }).catch((thrown: unknown) => {
      if (!isStatus(thrown, 409)) throw thrown;
    });
    return name;
  }

  /** @throws FirebreakError FBR_PACK_INVALID where it is gone. */
  async fetch(name: string): Promise<Uint8Array> {
    const found = await this.#api.get<Artefact>(`${this.#collection}/${name}`).catch(absent);
    const content = found?.binaryData?.["bundle.tar.gz"];
    if (content === undefined) throw new FirebreakError("FBR_PACK_INVALID", `the ConfigMap ${name} with its bundle is gone`);
    return Buffer.from(content, "base64");
  }

  async exists(name: string): Promise<boolean> {
    return (await this.#api.get<Artefact>(`${this.#collection}/${name}`).catch(absent)) !== undefined;
  }

  /** Removes bundles of a RulePack that are neither in force nor were just before. */
  async prune(rulePack: string, kept: readonly string[]): Promise<void> {
    const all = await this.#api.list<Artefact & { metadata: { annotations?: Record<string, string> } }>(this.#collection, { labelSelector: artefactLabel });
    const old = all.filter(({ metadata }) => metadata.annotations?.["firebreak.dev/rule-pack"] === rulePack && !kept.includes(metadata.name));
    await Promise.all(old.map(({ metadata }) => this.#api.call("DELETE", `${this.#collection}/${metadata.name}`).catch(absent)));
  }
}
