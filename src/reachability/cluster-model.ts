import type { Labels } from "../model/kubernetes.ts";
import type { Boundaries } from "../model/security-domain.ts";
import { noBoundaries } from "../model/security-domain.ts";
import { BoundaryMap } from "./boundaries.ts";
import type { Workload } from "./effect.ts";
import type { AddressPlan } from "./endpoint.ts";
import type { Entry } from "./entries/entry.ts";
import type { Service } from "./entries/service.ts";
import { endpointOfWorkload, type Inventory, type InventoryWorkload } from "./inventory.ts";
import { Network } from "./network.ts";
import type { Policy, PolicyReference } from "./policy.ts";
import { type NamespaceStanding, type PossiblePods, possiblePods } from "./population.ts";

export interface ClusterModelOptions {
  readonly plan: AddressPlan;
  /** What is known of a namespace with such labels. */
  readonly standing: (namespace: string, labels: Labels) => NamespaceStanding;
  /** Everything is known that is there (it is, unless a command was told of a part only). */
  readonly complete?: boolean;
}

/** More different workloads of a namespace than this are not looked at one by one: the pods that could be there speak for them. */
const mostWorkloads = 50;

/** Everything that changes are judged against: what could reach what, who belongs where, and what runs. Kept current object by object. */
export class ClusterModel {
  readonly network: Network;
  readonly complete: boolean;
  readonly #workloads = new Map<string, Map<string, InventoryWorkload>>();
  readonly #services = new Map<string, Map<string, Service>>();
  readonly #entries = new Map<string, readonly Entry[]>();
  #boundaries: Boundaries = noBoundaries;
  #map: BoundaryMap | undefined;

  constructor({ plan, standing, complete = true }: ClusterModelOptions) {
    this.complete = complete;
    this.network = new Network(
      plan,
      possiblePods(() => this.#boundaries.domains, standing),
    );
  }

  static of({ namespaces, policies, workloads, services, entries }: Inventory, options: ClusterModelOptions, boundaries: Boundaries): ClusterModel {
    const model = new ClusterModel(options);
    model.setBoundaries(boundaries);
    for (const [name, labels] of namespaces) model.setNamespace(name, labels);
    for (const policy of policies) model.setPolicy(policy);
    for (const [index, workload] of workloads.entries()) model.setWorkload(workload.namespace, String(index), workload);
    for (const service of services) model.setService(service.metadata?.namespace ?? "default", service.metadata?.name ?? "", service);
    for (const [index, entry] of entries.entries()) model.setEntries(String(index), [entry]);
    return model;
  }

  setNamespace(name: string, labels: Labels): void {
    const before = this.network.of(name);
    const { words } = this.network.universe;
    this.network.setNamespace(name, labels);
    this.#place([...before, ...this.network.of(name)], words);
  }

  removeNamespace(name: string): void {
    const before = this.network.of(name);
    this.network.removeNamespace(name);
    this.#place(before, this.network.universe.words);
  }

  setPolicy(policy: Policy): void {
    this.network.setPolicy(policy);
  }

  removePolicy(reference: PolicyReference): void {
    this.network.removePolicy(reference);
  }

  setBoundaries(boundaries: Boundaries): void {
    this.#boundaries = boundaries;
    this.#map = undefined;
    this.network.repopulate();
  }

  get boundaries(): Boundaries {
    return this.#boundaries;
  }

  get map(): BoundaryMap {
    this.#map ??= BoundaryMap.of(this.network, this.network.namespaces.keys(), this.#boundaries);
    return this.#map;
  }

  /** @param key whatever tells it from the other workloads of its namespace. */
  setWorkload(namespace: string, key: string, workload: InventoryWorkload | undefined): void {
    put(this.#workloads, namespace, key, workload);
  }

  setService(namespace: string, name: string, service: Service | undefined): void {
    put(this.#services, namespace, name, service);
  }

  setEntries(key: string, entries: readonly Entry[]): void {
    if (entries.length === 0) this.#entries.delete(key);
    else this.#entries.set(key, entries);
  }

  isEnforced(namespace: string): boolean {
    return this.network.of(namespace).some((id) => (this.network.endpoint(id) as PossiblePods | undefined)?.enforced === true);
  }

  workloadsIn(namespace: string): readonly InventoryWorkload[] {
    return [...(this.#workloads.get(namespace)?.values() ?? [])];
  }

  services(namespace: string): readonly Service[] {
    return [...(this.#services.get(namespace)?.values() ?? [])];
  }

  service(namespace: string, name: string): Service | undefined {
    return this.#services.get(namespace)?.get(name);
  }

  get entries(): Iterable<Entry> {
    return [...this.#entries.values()].flat();
  }

  /** Workloads that differ in what policies can see of them, each under the name of the first such. */
  distinctWorkloads(namespace: string): Workload[] {
    const labels = this.network.labels(namespace) ?? {};
    const found = new Map<string, Workload>();
    for (const workload of this.#workloads.get(namespace)?.values() ?? []) {
      if (workload.hostNetwork || found.size >= mostWorkloads) continue;
      const { addresses: _, ...anyPod } = workload;
      const key = JSON.stringify([Object.entries(workload.labels).sort(), workload.serviceAccount, workload.ports]);
      if (!found.has(key)) found.set(key, { name: workload.name, endpoint: endpointOfWorkload(anyPod, labels) });
    }
    return [...found.values()];
  }

  /** Where endpoints belong is found again; all of it where the numbers outgrew the sets. */
  #place(ids: readonly number[], words: number): void {
    if (this.#map === undefined) return;
    if (words === this.network.universe.words) this.#map.place(this.network, ids);
    else this.#map = undefined;
  }
}

function put<T>(maps: Map<string, Map<string, T>>, namespace: string, key: string, value: T | undefined): void {
  const inner = maps.get(namespace) ?? new Map<string, T>();
  if (value === undefined) inner.delete(key);
  else inner.set(key, value);
  if (inner.size === 0) maps.delete(namespace);
  else maps.set(namespace, inner);
}
