import { messageOf } from "../model/errors.ts";
import type { NamespaceFacts } from "../model/facts.ts";
import type { IsolationProfile } from "../model/isolation-profile.ts";
import type { KubernetesObject } from "../model/kubernetes.ts";
import type { ApiClient } from "./api-client.ts";
import { IsolationController } from "./controller.ts";
import { DefaultDenyStore } from "./default-deny-store.ts";
import { ClusterFacts } from "./facts.ts";
import { Landmarks } from "./landmarks.ts";
import { Leader } from "./leader.ts";
import { Namespaces } from "./namespaces.ts";
import { guardedNodeNeeds } from "./node-needs.ts";
import { Reflector } from "./reflector.ts";
import { Registration } from "./registration.ts";
import type { ClusterSettings, Log } from "./settings.ts";
import type { WebhookKeeper } from "./webhook-keeper.ts";

interface AssemblyOptions {
  readonly api: ApiClient;
  readonly settings: ClusterSettings;
  readonly installedAt: Date;
  readonly keeper: WebhookKeeper;
  readonly log: Log;
  readonly alarm: (kind: string, message: string, fields: object) => void;
  readonly onLeading: (leading: boolean) => void;
}

/** Everything that follows the cluster, wired. Nothing runs before `start`. */
export class ClusterAssembly {
  readonly #options: AssemblyOptions;
  readonly #profiles: Reflector<IsolationProfile>;
  readonly #namespaces: Namespaces;
  readonly #controller: IsolationController;
  readonly #leader: Leader;
  readonly store: DefaultDenyStore;
  readonly landmarks: Landmarks;
  readonly registration: Registration;
  readonly facts: ClusterFacts;

  constructor(options: AssemblyOptions) {
    this.#options = options;
    const { api, settings, installedAt, log } = options;
    const all = () => this.#controller.enqueueAll();
    const one = (namespace: string) => this.#controller.enqueue(namespace);
    const profiles = () => this.#profiles.values();
    this.#namespaces = new Namespaces({ api, scheme: settings.scheme, installedAt, staleMillis: settings.staleMillis, onChange: one, log });
    this.#profiles = new Reflector({
      api,
      name: "isolation-profiles",
      path: "/apis/firebreak.dev/v1alpha1/isolationprofiles",
      project: projectProfile,
      onChange: all,
      log,
    });
    this.landmarks = new Landmarks(api, settings, all, log);
    const landmarks = () => this.landmarks.current();
    this.store = new DefaultDenyStore({ api, namespaces: this.#namespaces, profiles, landmarks, staleMillis: settings.staleMillis, onChange: one, log });
    this.#leader = new Leader({
      api,
      namespace: settings.namespace,
      name: "firebreak",
      identity: settings.identity,
      log,
      onChange: (leading) => this.#onLeading(leading),
    });
    const isLeader = () => this.#leader.leading;
    this.#controller = new IsolationController({ api, settings, namespaces: this.#namespaces, store: this.store, profiles, isLeader, log });
    this.registration = new Registration({ api, settings, keeper: options.keeper, isLeader, log });
    this.facts = new ClusterFacts(api, settings, this.#namespaces, this.store);
  }

  /** The copies that decisions need; a profile is optional and never holds readiness. */
  get caches(): readonly { readonly name: string; ageMillis(): number }[] {
    return this.#required;
  }

  /** A namespace from the warm copy. */
  namespace(name: string): NamespaceFacts | undefined {
    return this.#namespaces.known(name);
  }

  get leading(): boolean {
    return this.#leader.leading;
  }

  /** Fills the copies. Resolves when decisions can be made. */
  async start(): Promise<void> {
    for (const reflector of [...this.#required, this.#profiles]) reflector.start();
    await Promise.all([...this.#required.map(({ synced }) => synced), this.landmarks.refresh()]);
  }

  /** Stands for election; call it once reviews are answered. */
  async lead(): Promise<void> {
    this.registration.serve();
    await this.#leader.start();
  }

  lookAtEverything(): void {
    this.#controller.enqueueAll();
  }

  async stepDown(): Promise<void> {
    await this.#leader.stop();
  }

  stop(): void {
    for (const reflector of [...this.#required, this.#profiles]) reflector.stop();
  }

  get #required() {
    return [this.#namespaces.reflector, this.store.denies, this.store.openings, this.registration.modeSwitch];
  }

  #onLeading(leading: boolean): void {
    const { settings, log, onLeading } = this.#options;
    onLeading(leading);
    log(leading ? "leading" : "not leading", { identity: settings.identity });
    if (!leading) return;
    void this.registration.ensure();
    this.#controller.enqueueAll();
    void this.#warnOfNodeNeeds();
  }

  async #warnOfNodeNeeds(): Promise<void> {
    const { api, settings, alarm, log } = this.#options;
    try {
      const needs = await guardedNodeNeeds(api, (name) => this.#namespaces.known(name), settings.excludedNamespaces);
      if (needs.length > 0)
        alarm("guarded-node-component", "nodes need these DaemonSets, and their namespaces are enforced: exclude them, or keep two replicas", {
          daemonSets: needs,
        });
    } catch (thrown) {
      log("what nodes need was not looked at", { error: messageOf(thrown) });
    }
  }
}

function projectProfile({ metadata, ...rest }: KubernetesObject & { spec?: unknown }): IsolationProfile {
  return { metadata: { name: metadata?.name ?? "" }, ...(rest.spec ? { spec: rest.spec as NonNullable<IsolationProfile["spec"]> } : {}) };
}
