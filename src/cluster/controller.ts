import { messageOf } from "../model/errors.ts";
import type { NamespaceFacts } from "../model/facts.ts";
import type { IsolationProfile } from "../model/isolation-profile.ts";
import { modeKey } from "../model/segmentation-labels.ts";
import { defaultDenyName, isReservedPolicyName } from "../segmentation/default-deny.ts";
import { samePolicy } from "../segmentation/same-policy.ts";
import { profileFor } from "../segmentation/select-profile.ts";
import { type ApiClient, absent, isStatus } from "./api-client.ts";
import type { DefaultDenyStore } from "./default-deny-store.ts";
import type { Namespaces } from "./namespaces.ts";
import type { ClusterSettings, Log } from "./settings.ts";

interface ControllerOptions {
  readonly api: ApiClient;
  readonly settings: ClusterSettings;
  readonly namespaces: Namespaces;
  readonly store: DefaultDenyStore;
  readonly profiles: () => readonly IsolationProfile[];
  readonly isLeader: () => boolean;
  readonly log: Log;
}

/** How many namespaces are put right side by side: enough for a restart of a large cluster, little for the API server. */
const concurrency = 4;

/** Keeps every namespace as it should be: our policies where it is enforced, none where it is not, its mode written down. Only the leader writes. */
export class IsolationController {
  readonly #options: ControllerOptions;
  readonly #pending = new Set<string>();
  #running = 0;
  #statusDue = false;

  constructor(options: ControllerOptions) {
    this.#options = options;
  }

  /** Has a namespace looked at; many calls for one are one look. */
  enqueue(namespace: string): void {
    this.#pending.add(namespace);
    this.#drain();
  }

  enqueueAll(): void {
    for (const { name } of this.#options.namespaces.all()) this.#pending.add(name);
    this.#statusDue = true;
    this.#drain();
  }

  #drain(): void {
    if (!this.#options.isLeader()) return;
    while (this.#running < concurrency) {
      const [name] = this.#pending;
      if (name === undefined) break;
      this.#pending.delete(name);
      this.#running += 1;
      void this.#reconcile(name)
        .catch((thrown: unknown) => this.#failed(name, thrown))
        .finally(() => {
          this.#running -= 1;
          this.#drain();
        });
    }
    if (this.#pending.size === 0 && this.#running === 0 && this.#statusDue) {
      this.#statusDue = false;
      void this.#writeStatus().catch((thrown: unknown) => this.#options.log("profile status not written", { error: messageOf(thrown) }));
    }
  }

  #failed(name: string, thrown: unknown): void {
    if (isStatus(thrown, 404)) return;
    this.#options.log("a namespace was not put right", { namespace: name, error: messageOf(thrown) });
    setTimeout(() => this.enqueue(name), 5000).unref();
  }

  async #reconcile(name: string): Promise<void> {
    const { namespaces, settings, store } = this.#options;
    const namespace = namespaces.known(name);
    if (namespace === undefined || namespace.terminating || settings.excludedNamespaces.has(name)) return;
    if (namespaces.lacksModeLabel(name, modeKey)) await this.#writeMode(namespace);
    const wanted = namespace.mode === "enforce" ? store.desired(namespace) : [];
    for (const policy of wanted) {
      const { name: policyName } = policy.metadata;
      const found = (policyName === defaultDenyName ? store.denies : store.openings).get(`${name}/${policyName}`);
      if (found !== undefined && samePolicy(found, policy)) continue;
      if (found !== undefined) this.#options.log("a policy of Firebreak was changed behind its back and is restored", { namespace: name, policy: policyName });
      await store.store(policy);
      this.#statusDue = true;
    }
    await this.#removeOthers(name, new Set(wanted.map(({ metadata }) => metadata.name)));
  }

  /** What is ours and no longer wanted: the namespace left `enforce`, or its webhook is gone. */
  async #removeOthers(namespace: string, wanted: ReadonlySet<string>): Promise<void> {
    const { store, api } = this.#options;
    const ours = new Set([...store.denies.entries(), ...store.openings.entries()].map(([key]) => key).filter((key) => key.startsWith(`${namespace}/`)));
    for (const key of ours) {
      const name = key.slice(namespace.length + 1);
      if (wanted.has(name) || !isReservedPolicyName(name)) continue;
      await api.call("DELETE", `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies/${name}`).catch(absent);
    }
  }

  #writeMode({ name, mode }: NamespaceFacts): Promise<unknown> {
    const body = { metadata: { labels: { [modeKey]: mode } } };
    return this.#options.api.call("PATCH", `/api/v1/namespaces/${name}`, { body, contentType: "application/merge-patch+json" });
  }

  /** `Stored` is what we know; `Enforced` is what only the network plugin knows, and is Unknown until it was declared. */
  async #writeStatus(): Promise<void> {
    const { api, namespaces, profiles, settings, store } = this.#options;
    const enforced = namespaces.all().filter(({ mode, terminating, name }) => mode === "enforce" && !terminating && !settings.excludedNamespaces.has(name));
    for (const profile of profiles()) {
      const selected = enforced.filter(({ labels }) => profileFor(labels, profiles())?.metadata?.name === profile.metadata?.name);
      const missing = selected.filter(({ name }) => !store.isStored(name));
      const conditions = [
        condition(
          "Stored",
          missing.length === 0,
          missing.length === 0 ? "AllStored" : "SomeMissing",
          `${selected.length - missing.length} of ${selected.length} namespaces have their default deny`,
        ),
        enforcedCondition(settings),
      ];
      const body = { status: { namespaces: selected.length, conditions } };
      const path = `/apis/firebreak.dev/v1alpha1/isolationprofiles/${profile.metadata?.name}/status`;
      await api.call("PATCH", path, { body, contentType: "application/merge-patch+json" });
    }
  }
}

function enforcedCondition({ networkPlugin }: ClusterSettings) {
  if (networkPlugin === undefined)
    return condition("Enforced", undefined, "NetworkPluginUnknown", "the network plugin was not declared: whether stored policies hold is not known");
  const { name, enforces } = networkPlugin;
  return condition("Enforced", enforces, "NetworkPluginDeclared", `${name} was declared to ${enforces ? "enforce NetworkPolicy" : "ignore NetworkPolicy"}`);
}

function condition(type: string, holds: boolean | undefined, reason: string, message: string) {
  const status = holds === undefined ? "Unknown" : holds ? "True" : "False";
  return { type, status, reason, message, lastTransitionTime: new Date().toISOString().replace(/\.\d+Z/, "Z") };
}
