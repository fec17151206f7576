import { messageOf } from "../model/errors.ts";
import type { Labels, NetworkPolicyPort } from "../model/kubernetes.ts";
import { type ApiServerTarget, dnsPorts, type NetworkLandmarks } from "../segmentation/default-deny.ts";
import { sameJson } from "../segmentation/same-json.ts";
import { type ApiClient, absent } from "./api-client.ts";
import type { ClusterSettings, Log } from "./settings.ts";

interface Service {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec?: {
    readonly selector?: Labels;
    readonly ports?: readonly { readonly protocol?: string; readonly port: number; readonly targetPort?: number | string }[];
  };
}

interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
  readonly port?: number;
}

/** The usual address of the node-local cache, where its DaemonSet does not say another (kubernetes/dns nodelocaldns). */
const usualNodeLocalAddress = "169.254.20.10";

/** Reads from the cluster what allowances are made of, and reads it again now and then. */
export class Landmarks {
  readonly #api: ApiClient;
  readonly #settings: ClusterSettings;
  readonly #onChange: () => void;
  readonly #log: Log;
  #current: NetworkLandmarks;

  constructor(api: ApiClient, settings: ClusterSettings, onChange: () => void, log: Log) {
    this.#api = api;
    this.#settings = settings;
    this.#onChange = onChange;
    this.#log = log;
    this.#current = { resolver: this.#usualResolver(), nodeLocalResolver: [], apiServer: { addresses: [], ports: [] }, apiServerTargets: [] };
  }

  current(): NetworkLandmarks {
    return this.#current;
  }

  /** Reads everything anew. What cannot be read keeps its last value: closing an allowance on a hiccup would cut traffic. */
  async refresh(): Promise<void> {
    const before = this.#current;
    const keep = async <T>(what: string, read: Promise<T>, last: T): Promise<T> =>
      read.catch((thrown: unknown) => {
        this.#log("a landmark cannot be read", { what, error: messageOf(thrown) });
        return last;
      });
    const [resolver, nodeLocalResolver, apiServer, apiServerTargets] = await Promise.all([
      keep("resolver", this.#readResolver(), before.resolver),
      keep("node-local resolver", this.#readNodeLocal(), before.nodeLocalResolver),
      keep("API server", this.#readApiServer(), before.apiServer),
      keep("webhook backends", this.#readTargets(), before.apiServerTargets),
    ]);
    this.#current = { resolver, nodeLocalResolver, apiServer, apiServerTargets };
    if (!sameJson(before, this.#current)) this.#onChange();
  }

  #usualResolver(): NetworkLandmarks["resolver"] {
    return { namespace: this.#settings.dnsService.namespace, podSelector: { "k8s-app": "kube-dns" }, ports: dnsPorts };
  }

  async #readResolver(): Promise<NetworkLandmarks["resolver"]> {
    const service = await this.#service(this.#settings.dnsService);
    const selector = service?.spec?.selector ?? {};
    if (service === undefined || Object.keys(selector).length === 0) return this.#usualResolver();
    const ports = (service.spec?.ports ?? []).filter(({ port }) => port === 53).map(targetPort);
    return { namespace: service.metadata.namespace, podSelector: selector, ports: ports.length > 0 ? ports : dnsPorts };
  }

  async #readNodeLocal(): Promise<string[]> {
    const path = `/apis/apps/v1/namespaces/${this.#settings.dnsService.namespace}/daemonsets/node-local-dns`;
    const daemonSet = await this.#api.get<{ spec?: { template?: { spec?: { containers?: { args?: string[] }[] } } } }>(path).catch(absent);
    if (daemonSet === undefined) return [];
    const args = daemonSet.spec?.template?.spec?.containers?.flatMap((container) => container.args ?? []) ?? [];
    const listed = args[args.indexOf("-localip") + 1]?.split(",") ?? [];
    const linkLocal = listed.filter((address) => address.startsWith("169.254.") || address.startsWith("fe80:") || address.startsWith("fd00:"));
    return linkLocal.length > 0 ? linkLocal : [usualNodeLocalAddress];
  }

  async #readApiServer(): Promise<NetworkLandmarks["apiServer"]> {
    const slices = await this.#api.list<{ endpoints?: { addresses: string[] }[] | null; ports?: { port?: number; protocol?: string }[] | null }>(
      "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices",
      { labelSelector: "kubernetes.io/service-name=kubernetes" },
    );
    const addresses = [...new Set(slices.flatMap(({ endpoints }) => (endpoints ?? []).flatMap((endpoint) => endpoint.addresses)))].sort();
    const ports = [...new Set(slices.flatMap(({ ports: listed }) => (listed ?? []).flatMap(({ port }) => (port === undefined ? [] : [port]))))].sort();
    return { addresses, ports: ports.map((port) => ({ protocol: "TCP", port })) };
  }

  async #readTargets(): Promise<ApiServerTarget[]> {
    const references = await this.#references();
    const targets = new Map<string, ApiServerTarget>();
    for (const reference of references) {
      if (this.#settings.excludedNamespaces.has(reference.namespace)) continue;
      const service = await this.#service(reference);
      const port = service?.spec?.ports?.find((candidate) => candidate.port === (reference.port ?? 443));
      if (service?.spec?.selector === undefined || port === undefined) continue;
      const key = `${reference.namespace}/${reference.name}`;
      const ports = [...(targets.get(key)?.ports ?? []), targetPort(port)].filter(
        (item, index, all) => all.findIndex((other) => sameJson(item, other)) === index,
      );
      targets.set(key, { namespace: reference.namespace, service: reference.name, podSelector: service.spec.selector, ports });
    }
    return [...targets.values()];
  }

  /** Every Service that the API server calls: webhooks, conversion webhooks and aggregated APIs. */
  async #references(): Promise<ServiceReference[]> {
    interface Webhooks {
      readonly webhooks?: readonly { readonly clientConfig?: { readonly service?: ServiceReference } }[];
    }
    const admission = "/apis/admissionregistration.k8s.io/v1";
    const [mutating, validating, definitions, services] = await Promise.all([
      this.#api.list<Webhooks>(`${admission}/mutatingwebhookconfigurations`),
      this.#api.list<Webhooks>(`${admission}/validatingwebhookconfigurations`),
      this.#api.list<{ spec?: { conversion?: { webhook?: { clientConfig?: { service?: ServiceReference } } } } }>(
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
      ),
      this.#api.list<{ spec?: { service?: ServiceReference } }>("/apis/apiregistration.k8s.io/v1/apiservices"),
    ]);
    return [
      ...[...mutating, ...validating].flatMap(({ webhooks = [] }) => webhooks.map(({ clientConfig }) => clientConfig?.service)),
      ...definitions.map(({ spec }) => spec?.conversion?.webhook?.clientConfig?.service),
      ...services.map(({ spec }) => spec?.service),
    ].filter((reference) => reference !== undefined && reference !== null);
  }

  #service({ namespace, name }: ServiceReference): Promise<Service | undefined> {
    return this.#api.get<Service>(`/api/v1/namespaces/${namespace}/services/${name}`).catch(absent);
  }
}

/** Policies are judged after DNAT: the pod's port counts, not the Service's. */
function targetPort({ protocol = "TCP", port, targetPort: target }: { protocol?: string; port: number; targetPort?: number | string }): NetworkPolicyPort {
  return { protocol, port: target ?? port };
}
