import type { FactSource } from "../admission/ports.ts";
import { type Attributes, isNamespace, isNetworkPolicy } from "../model/attributes.ts";
import { FirebreakError, messageOf } from "../model/errors.ts";
import { type Facts, type NamespaceFacts, noAccess } from "../model/facts.ts";
import type { KubernetesObject, NetworkPolicy } from "../model/kubernetes.ts";
import { labelOf } from "../model/kubernetes.ts";
import { modeKey, protectedNamespaceKeys, protectedWorkloadKeys } from "../model/segmentation-labels.ts";
import { hasController, podPath } from "../model/workload.ts";
import { isReservedPolicyName } from "../segmentation/default-deny.ts";
import { deniedDirections, deniedWithout } from "../segmentation/denied-directions.ts";
import { isLivePod } from "../segmentation/live-pod.ts";
import { controllerOf } from "../segmentation/root-owner.ts";
import { samePolicy } from "../segmentation/same-policy.ts";
import { type CustomVerb, customVerbs, mayUser } from "./access.ts";
import { type ApiClient, isStatus } from "./api-client.ts";
import type { DefaultDenyStore } from "./default-deny-store.ts";
import type { Namespaces } from "./namespaces.ts";
import type { ClusterSettings } from "./settings.ts";

interface ListedPod {
  readonly metadata: { readonly deletionTimestamp?: string };
  readonly status?: { readonly phase?: string };
}

/** Kinds of the parts of our installation that a webhook sees. */
const guardedKinds: ReadonlySet<string> = new Set(["CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding"]);

/** Namespaces that are known to have had a pod, and owners of Jobs: kept small, because losing an entry costs one read. */
const rememberedMost = 10_000;

/** Facts from warm copies of the cluster, and live reads where a copy would be too old to decide on. */
export class ClusterFacts implements FactSource {
  readonly #api: ApiClient;
  readonly #settings: ClusterSettings;
  readonly #namespaces: Namespaces;
  readonly #defaultDeny: DefaultDenyStore;
  readonly #populated = new Set<string>();
  readonly #jobOwners = new Map<string, string>();

  constructor(api: ApiClient, settings: ClusterSettings, namespaces: Namespaces, defaultDeny: DefaultDenyStore) {
    this.#api = api;
    this.#settings = settings;
    this.#namespaces = namespaces;
    this.#defaultDeny = defaultDeny;
  }

  async factsFor(attributes: Attributes): Promise<Facts> {
    if (isNamespace(attributes.kind)) return this.#namespaceFacts(attributes);
    if (attributes.namespace === "") return this.#clusterFacts(attributes);
    const reserved = isNetworkPolicy(attributes.kind) && isReservedPolicyName(policyName(attributes));
    const namespace = await this.#namespaces.facts(attributes.namespace, reserved);
    const stored = { namespace, defaultDenyStored: this.#defaultDeny.isStored(attributes.namespace) };
    if (reserved) return { ...stored, ...(await this.#reservedFacts(attributes, namespace)) };
    if (attributes.phase === "mutating") return { ...stored, ...(await this.#rootOwner(attributes)) };
    if (isNetworkPolicy(attributes.kind)) return { ...stored, ...(await this.#deniedByOthers(attributes)) };
    if (attributes.kind.kind === "Pod" && attributes.operation === "UPDATE") return { ...stored, ...(await this.#labelAccess(attributes)) };
    return { ...stored, ...(await this.#firstWorkload(attributes, namespace)) };
  }

  /** Asked where a protected label of a pod that runs would change: an ordinary update costs no call. */
  async #labelAccess({ object, oldObject, user, namespace }: Attributes): Promise<Facts> {
    const changed = protectedWorkloadKeys(this.#settings.scheme).some(
      (key) => labelOf(object?.metadata?.labels, key) !== labelOf(oldObject?.metadata?.labels, key),
    );
    return changed ? { access: { ...noAccess, changeLabels: await mayUser(this.#api, user, customVerbs.changeLabels, namespace) } } : {};
  }

  async #namespaceFacts(attributes: Attributes): Promise<Facts> {
    const [after, before] = [attributes.object?.metadata?.labels ?? {}, attributes.oldObject?.metadata?.labels ?? {}];
    const changed = (key: string) => labelOf(after, key) !== labelOf(before, key);
    const asked = async (needed: boolean, verb: CustomVerb) => needed && mayUser(this.#api, attributes.user, verb, attributes.name);
    // Any label may be what a security domain selects by.
    const labels = [...protectedNamespaceKeys(this.#settings.scheme), ...Object.keys(after), ...Object.keys(before)].some(changed);
    const [changeLabels, setMode] = await Promise.all([asked(labels, customVerbs.changeLabels), asked(changed(modeKey), customVerbs.setMode)]);
    return { access: { ...noAccess, changeLabels, setMode } };
  }

  /** Asked for what may be a part of our own installation only: an ordinary ClusterRole costs no call. */
  async #clusterFacts({ kind, name, user }: Attributes): Promise<Facts> {
    const ours = kind.kind === "CustomResourceDefinition" ? name.endsWith(".firebreak.dev") : /^firebreak(-|$)/.test(name);
    if (!ours || !guardedKinds.has(kind.kind)) return {};
    return { access: { ...noAccess, changeInstallation: await mayUser(this.#api, user, customVerbs.changeInstallation, name) } };
  }

  /** Read live, and only where the change takes a default deny away: what other policies of the namespace still deny. */
  async #deniedByOthers({ namespace, name, object, oldObject }: Attributes): Promise<Facts> {
    const after = new Set(deniedDirections((object as NetworkPolicy | undefined)?.spec));
    const lost = deniedDirections((oldObject as NetworkPolicy | undefined)?.spec).filter((direction) => !after.has(direction));
    if (lost.length === 0) return {};
    try {
      const { items } = await this.#api.get<{ items: readonly NetworkPolicy[] }>(`/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`);
      return { deniedDirections: deniedWithout(name, items) };
    } catch (cause) {
      throw new FirebreakError("FBR_FACTS_UNAVAILABLE", `the policies of ${namespace} cannot be read: ${messageOf(cause)}`, { cause });
    }
  }

  async #reservedFacts(attributes: Attributes, namespace: NamespaceFacts): Promise<Facts> {
    if (attributes.operation === "DELETE") {
      this.#defaultDeny.doubt(attributes.namespace);
      return { livePods: await this.#livePods(attributes.namespace) };
    }
    const ours = attributes.user.username === `system:serviceaccount:${this.#settings.namespace}:${this.#settings.serviceAccount}`;
    const desired = this.#defaultDeny.desired(namespace).find(({ metadata }) => metadata.name === policyName(attributes));
    return { reservedPolicyIntact: ours || (desired !== undefined && attributes.object !== undefined && samePolicy(attributes.object, desired)) };
  }

  /** Counted live: a pod that started a moment ago counts. */
  async #livePods(namespace: string): Promise<number> {
    try {
      const pods = await this.#api.list<ListedPod>(`/api/v1/namespaces/${namespace}/pods`);
      return pods.filter(isLivePod).length;
    } catch (cause) {
      throw new FirebreakError("FBR_FACTS_UNAVAILABLE", `the pods of ${namespace} cannot be counted: ${messageOf(cause)}`, { cause });
    }
  }

  /** A pod's Job may belong to a CronJob, whose name is not part of what a pod says of itself. */
  async #rootOwner({ kind, namespace, object }: Attributes): Promise<Facts> {
    const controller = controllerOf(object);
    if (kind.kind !== "Pod" || controller?.kind !== "Job") return {};
    const known = this.#jobOwners.get(controller.uid);
    if (known !== undefined) return { rootOwner: known };
    const job = await this.#api.get<KubernetesObject>(`/apis/batch/v1/namespaces/${namespace}/jobs/${controller.name}`).catch((thrown: unknown) => {
      if (isStatus(thrown, 404)) return undefined;
      throw new FirebreakError("FBR_FACTS_UNAVAILABLE", `the owner of the pod cannot be read: ${messageOf(thrown)}`, { cause: thrown });
    });
    const rootOwner = controllerOf(job)?.name ?? controller.name;
    if (this.#jobOwners.size >= rememberedMost) this.#jobOwners.clear();
    this.#jobOwners.set(controller.uid, rootOwner);
    return { rootOwner };
  }

  async #firstWorkload({ kind, operation, object, namespace: name }: Attributes, namespace: NamespaceFacts): Promise<Facts> {
    if (operation !== "CREATE" || podPath(kind) === undefined || hasController(object?.metadata)) return {};
    if (namespace.mode === "observe" || this.#populated.has(name)) return {};
    const pods = await this.#api.get<{ items: readonly ListedPod[] }>(`/api/v1/namespaces/${name}/pods`, { limit: 1 }).catch(() => undefined);
    if (this.#populated.size >= rememberedMost) this.#populated.clear();
    this.#populated.add(name);
    return { firstWorkload: pods?.items.length === 0 };
  }
}

function policyName({ name, object }: Attributes): string {
  return name || (object?.metadata?.name ?? "");
}
