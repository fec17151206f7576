import type { DefaultDenyKeeper } from "../admission/ports.ts";
import { FirebreakError, messageOf } from "../model/errors.ts";
import type { NamespaceFacts } from "../model/facts.ts";
import type { IsolationProfile } from "../model/isolation-profile.ts";
import type { NetworkPolicy } from "../model/kubernetes.ts";
import { apiServerIngress, defaultDeny, defaultDenyName, type NetworkLandmarks, type OwnPolicy } from "../segmentation/default-deny.ts";
import { allowancesFor } from "../segmentation/select-profile.ts";
import { type ApiClient, isStatus } from "./api-client.ts";
import type { Namespaces } from "./namespaces.ts";
import { Reflector } from "./reflector.ts";
import type { Log } from "./settings.ts";

interface StoreOptions {
  readonly api: ApiClient;
  readonly namespaces: Namespaces;
  readonly profiles: () => readonly IsolationProfile[];
  readonly landmarks: () => NetworkLandmarks;
  readonly staleMillis: number;
  readonly onChange: (namespace: string) => void;
  readonly log: Log;
}

/** How often the apply is tried again while the review that waits for it has time left. */
const retryMillis = 150;
/** How long a review of a removal may still be on its way to storage. */
const doubtMillis = 5000;

/** The policies that Firebreak keeps: what should be there, what is there, and how it gets there. */
export class DefaultDenyStore implements DefaultDenyKeeper {
  readonly #options: StoreOptions;
  readonly #inFlight = new Map<string, Promise<void>>();
  /** Stored by us a moment ago, and not yet seen by the watch. */
  readonly #justStored = new Map<string, number>();
  /** A removal was asked for a moment ago: the copy is not trusted until the watch has had time to tell. */
  readonly #doubted = new Map<string, number>();
  readonly denies: Reflector<NetworkPolicy>;
  readonly openings: Reflector<NetworkPolicy>;

  constructor(options: StoreOptions) {
    this.#options = options;
    const { api, log, onChange } = options;
    const path = "/apis/networking.k8s.io/v1/networkpolicies";
    const changed = (key: string) => {
      const namespace = key.split("/")[0] ?? "";
      this.#justStored.delete(namespace);
      onChange(namespace);
    };
    const project = (object: NetworkPolicy): NetworkPolicy => ({
      metadata: { name: object.metadata?.name ?? "", namespace: object.metadata?.namespace ?? "" },
      ...(object.spec ? { spec: object.spec } : {}),
    });
    this.denies = new Reflector({
      api,
      name: "default-denies",
      path,
      query: { fieldSelector: `metadata.name=${defaultDenyName}` },
      project,
      onChange: changed,
      log,
    });
    this.openings = new Reflector({
      api,
      name: "apiserver-openings",
      path,
      query: { labelSelector: "app.kubernetes.io/managed-by=firebreak" },
      project,
      onChange: changed,
      log,
    });
  }

  isStored(namespace: string): boolean {
    if ((this.#doubted.get(namespace) ?? 0) + doubtMillis > Date.now()) return false;
    const justNow = (this.#justStored.get(namespace) ?? 0) + this.#options.staleMillis > Date.now();
    const seen = this.denies.ageMillis() <= this.#options.staleMillis && this.denies.has(`${namespace}/${defaultDenyName}`);
    return justNow || seen;
  }

  doubt(namespace: string): void {
    this.#doubted.set(namespace, Date.now());
    this.#justStored.delete(namespace);
  }

  /** Every policy of ours that a namespace should have, its default deny first. */
  desired(namespace: NamespaceFacts): OwnPolicy[] {
    const allowances = allowancesFor(namespace.labels, this.#options.profiles());
    const landmarks = this.#options.landmarks();
    return [defaultDeny(namespace.name, allowances, landmarks), ...apiServerIngress(namespace.name, allowances, landmarks)];
  }

  async ensureStored(namespace: string, deadline: number): Promise<void> {
    while (!this.isStored(namespace)) {
      const left = deadline - Date.now();
      if (left <= 0) throw new FirebreakError("FBR_DEFAULT_DENY_NOT_STORED", `${defaultDenyName} of ${namespace} is not stored yet`);
      try {
        await this.#storeOnce(namespace, left);
      } catch (thrown) {
        // A permission that is missing will not come while the review waits.
        if (isStatus(thrown, 403) || Date.now() + retryMillis >= deadline) {
          throw new FirebreakError("FBR_DEFAULT_DENY_NOT_STORED", `${defaultDenyName} of ${namespace} could not be stored: ${messageOf(thrown)}`, {
            cause: thrown,
          });
        }
        await new Promise((resolve) => setTimeout(resolve, retryMillis));
      }
    }
  }

  /** Writes one policy of ours; what the API server stored is what counts from now on. */
  async store(policy: OwnPolicy, timeoutMillis = 10_000): Promise<void> {
    const { name, namespace } = policy.metadata;
    await this.#options.api.apply(`/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies/${name}`, policy, { timeoutMillis });
    if (name !== defaultDenyName) return;
    this.#justStored.set(namespace, Date.now());
    this.#doubted.delete(namespace);
  }

  /** One write at a time for a namespace, however many pods wait for it. */
  #storeOnce(name: string, timeoutMillis: number): Promise<void> {
    const running = this.#inFlight.get(name);
    if (running !== undefined) return running;
    const started = (async () => {
      const [deny] = this.desired(await this.#options.namespaces.facts(name));
      if (deny !== undefined) await this.store(deny, timeoutMillis);
    })().finally(() => this.#inFlight.delete(name));
    this.#inFlight.set(name, started);
    return started;
  }
}
