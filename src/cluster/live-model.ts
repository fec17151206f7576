import type { ModelSource } from "../admission/ports.ts";
import { FirebreakError, messageOf } from "../model/errors.ts";
import type { KubernetesObject, Labels } from "../model/kubernetes.ts";
import { type Mode, modeOf } from "../model/mode.ts";
import { withNameLabel } from "../model/reachability.ts";
import type { Boundaries, FlowContract, FlowContractApproval, SecurityDomain } from "../model/security-domain.ts";
import { inheritedLabels, type LabelScheme } from "../model/segmentation-labels.ts";
import { ClusterModel } from "../reachability/cluster-model.ts";
import { compilePolicy } from "../reachability/dialects/compile.ts";
import type { AddressPlan } from "../reachability/endpoint.ts";
import type { Service } from "../reachability/entries/service.ts";
import { type Inventory, type InventoryWorkload, workloadOf } from "../reachability/inventory.ts";
import type { Policy } from "../reachability/policy.ts";
import type { Change } from "../reachability/prospect.ts";
import type { ApiClient } from "./api-client.ts";
import { Reflector } from "./reflector.ts";
import type { Log } from "./settings.ts";

/** What is declared about boundaries, as objects. */
export type DeclaredObjects = Pick<Inventory, "domains" | "contracts" | "contractApprovals">;

interface LiveModelOptions {
  readonly api: ApiClient;
  readonly scheme: LabelScheme;
  readonly installedAt: Date;
  readonly staleMillis: number;
  readonly plan: AddressPlan;
  /** What declared objects say, as decisions read it. */
  readonly read: (objects: DeclaredObjects) => Boundaries;
  /** Told of each policy and namespace that the cluster stored, before the model takes it up. */
  readonly onStored: (stored: Change) => void;
  readonly log: Log;
}

interface NamespaceView {
  readonly labels: Labels;
  readonly mode: Mode;
}

interface StoredPolicy {
  readonly policy: Policy | undefined;
  readonly version: string;
}

const policyKinds = [
  { group: "networking.k8s.io", version: "v1", kind: "NetworkPolicy", plural: "networkpolicies" },
  { group: "policy.networking.k8s.io", version: "v1alpha2", kind: "ClusterNetworkPolicy", plural: "clusternetworkpolicies" },
  { group: "policy.networking.k8s.io", version: "v1alpha1", kind: "AdminNetworkPolicy", plural: "adminnetworkpolicies" },
  { group: "policy.networking.k8s.io", version: "v1alpha1", kind: "BaselineAdminNetworkPolicy", plural: "baselineadminnetworkpolicies" },
] as const;

/** The model of the cluster, kept current by watches. */
export class LiveModel implements ModelSource {
  readonly model: ClusterModel;
  readonly #options: LiveModelOptions;
  readonly #namespaces: Reflector<NamespaceView>;
  readonly #policies: readonly Reflector<StoredPolicy>[];
  /** The versions that the model has taken up: a list that is read again says of most objects what is known. */
  readonly #versions = new Map<string, string>();
  readonly #pods: Reflector<InventoryWorkload | undefined>;
  readonly #services: Reflector<Service>;
  readonly #domains: Reflector<SecurityDomain>;
  readonly #contracts: Reflector<FlowContract>;
  readonly #approvals: Reflector<FlowContractApproval>;
  #boundariesTurn: NodeJS.Immediate | undefined;
  /** Until everything was listed once, what arrives is no change of anything. */
  #filled = false;

  constructor(options: LiveModelOptions) {
    this.#options = options;
    const { api, scheme, plan, log } = options;
    const standing = (_: string, labels: Labels) => ({
      enforced: this.#modeOf(labels) === "enforce",
      handedDown: Object.fromEntries(inheritedLabels(scheme, labels)),
    });
    this.model = new ClusterModel({ plan, standing });
    this.#namespaces = new Reflector({
      api,
      name: "model-namespaces",
      path: "/api/v1/namespaces",
      project: (object) => this.#namespaceView(object),
      onChange: (key) => this.#takeNamespace(key),
      log,
    });
    this.#policies = policyKinds.map(({ group, version, kind, plural }) => {
      const reflector: Reflector<StoredPolicy> = new Reflector<StoredPolicy>({
        api,
        name: `model-${plural}`,
        path: `/apis/${group}/${version}/${plural}`,
        project: (object) => ({ policy: this.#compile({ group, kind }, object), version: object.metadata?.resourceVersion ?? "" }),
        onChange: (key) => this.#takePolicy(kind, key, reflector.get(key)),
        optional: group !== "networking.k8s.io",
        log,
      });
      return reflector;
    });
    this.#pods = new Reflector<InventoryWorkload | undefined>({
      api,
      name: "model-pods",
      path: "/api/v1/pods",
      project: (object) => workloadOf({ ...object, apiVersion: "v1", kind: "Pod" })[0],
      onChange: (key) => {
        const [namespace = "", name = ""] = key.split("/");
        this.model.setWorkload(namespace, name, this.#pods.get(key));
      },
      log,
    });
    this.#services = new Reflector<Service>({
      api,
      name: "model-services",
      path: "/api/v1/services",
      project: projectService,
      onChange: (key) => {
        const [namespace = "", name = ""] = key.split("/");
        this.model.setService(namespace, name, this.#services.get(key));
      },
      log,
    });
    this.#domains = this.#declared<SecurityDomain>("securitydomains");
    this.#contracts = this.#declared<FlowContract>("flowcontracts");
    this.#approvals = this.#declared<FlowContractApproval>("flowcontractapprovals");
  }

  /** Copies that decisions rest on, where their kinds are installed. */
  get caches(): readonly { readonly name: string; ageMillis(): number }[] {
    return this.#reflectors.filter((reflector) => reflector.size > 0 || Number.isFinite(reflector.ageMillis()));
  }

  get contracts(): readonly FlowContract[] {
    return this.#contracts.values();
  }

  /** @throws FirebreakError FBR_FACTS_UNAVAILABLE where the copies are too old to be trusted. */
  current(): ClusterModel {
    const stale = this.caches.find((cache) => cache.ageMillis() > this.#options.staleMillis);
    if (stale !== undefined || !this.#filled)
      throw new FirebreakError("FBR_FACTS_UNAVAILABLE", `what reaches what is not known now: ${stale?.name ?? "the model"} is stale`);
    return this.model;
  }

  /** Fills the model. Resolves when changes can be judged. */
  async start(): Promise<void> {
    for (const reflector of this.#reflectors) reflector.start();
    await Promise.all(this.#reflectors.map(({ synced }) => synced));
    this.#readBoundaries();
    this.#filled = true;
  }

  stop(): void {
    clearImmediate(this.#boundariesTurn);
    for (const reflector of this.#reflectors) reflector.stop();
  }

  get #reflectors(): readonly Reflector<unknown>[] {
    return [this.#namespaces, ...this.#policies, this.#pods, this.#services, this.#domains, this.#contracts, this.#approvals];
  }

  #modeOf(labels: Labels): Mode {
    const name = labels["kubernetes.io/metadata.name"] ?? "";
    const known = this.#namespaces.get(name);
    const { scheme, installedAt } = this.#options;
    // A namespace that is not there yet is as young as can be; of one that is, its label decides or its age did.
    if (known === undefined) return modeOf(scheme, { labels }, installedAt);
    const byLabel = modeOf(scheme, { labels, creationTimestamp: new Date(0).toISOString() }, installedAt);
    return byLabel === "observe" ? known.mode : byLabel;
  }

  #namespaceView({ metadata = {} }: KubernetesObject): NamespaceView {
    const { scheme, installedAt } = this.#options;
    return { labels: withNameLabel(metadata.name ?? "", metadata.labels), mode: modeOf(scheme, metadata, installedAt) };
  }

  #takeNamespace(name: string): void {
    const view = this.#namespaces.get(name);
    if (sameLabels(view?.labels, this.model.network.labels(name))) return;
    if (this.#filled) this.#options.onStored({ type: "namespace", name, labels: view?.labels });
    if (view === undefined) this.model.removeNamespace(name);
    else this.model.setNamespace(name, view.labels);
  }

  /** A policy that cannot be read has no say, and that is told: one such object must not keep the model from all others. */
  #compile(kind: { readonly group: string; readonly kind: string }, object: KubernetesObject): Policy | undefined {
    try {
      return compilePolicy(kind, object);
    } catch (thrown) {
      this.#options.log("a policy cannot be read, and counts as if it were not there", {
        kind: kind.kind,
        name: object.metadata?.name,
        error: messageOf(thrown),
      });
      return undefined;
    }
  }

  #takePolicy(kind: string, key: string, stored: StoredPolicy | undefined): void {
    const [namespace, name] = key.includes("/") ? (key.split("/") as [string, string]) : ["", key];
    const reference = { kind, namespace, name };
    const policy = stored?.policy;
    if (this.#versions.get(`${kind} ${key}`) === stored?.version) return;
    if (stored === undefined) this.#versions.delete(`${kind} ${key}`);
    else this.#versions.set(`${kind} ${key}`, stored.version);
    if (this.#filled) this.#options.onStored({ type: "policy", reference, policy });
    if (policy === undefined) this.model.removePolicy(reference);
    else this.model.setPolicy(policy);
  }

  #declared<T extends KubernetesObject>(plural: string): Reflector<T> {
    const { api, log } = this.#options;
    return new Reflector<T>({
      api,
      name: plural,
      path: `/apis/firebreak.dev/v1alpha1/${plural}`,
      project: (object) => object as T,
      onChange: () => {
        this.#boundariesTurn ??= setImmediate(() => this.#readBoundaries());
      },
      optional: true,
      log,
    });
  }

  /** Once for all that changed in a turn: who belongs where is found anew for every namespace. */
  #readBoundaries(): void {
    this.#boundariesTurn = undefined;
    this.model.setBoundaries(
      this.#options.read({ domains: this.#domains.values(), contracts: this.#contracts.values(), contractApprovals: this.#approvals.values() }),
    );
  }
}

function projectService({ metadata, ...rest }: KubernetesObject): Service {
  const { selector, type, ports, externalName } = (rest as Service).spec ?? {};
  return {
    metadata: { name: metadata?.name ?? "", namespace: metadata?.namespace ?? "" },
    spec: { ...(selector && { selector }), ...(type && { type }), ...(ports && { ports }), ...(externalName && { externalName }) },
  };
}

function sameLabels(one: Labels | undefined, other: Labels | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
