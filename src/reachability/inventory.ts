import type { Attributes } from "../model/attributes.ts";
import type { KubernetesObject, Labels, ObjectMeta } from "../model/kubernetes.ts";
import { withNameLabel } from "../model/reachability.ts";
import type { Boundaries, ContractSide, FlowContract, FlowContractApproval, SecurityDomain } from "../model/security-domain.ts";
import { hasController, podPath, valueAt } from "../model/workload.ts";
import { addressesOf, uniteAddresses } from "./addresses.ts";
import { compilePolicy, type ObjectKind, unmodelledEffect } from "./dialects/compile.ts";
import { machinePod } from "./dialects/kubevirt/virtual-machine.ts";
import { listOf } from "./dialects/list-of.ts";
import type { Endpoint, NamedPort } from "./endpoint.ts";
import type { Entry } from "./entries/entry.ts";
import { isRoute, routeEntries } from "./entries/routes.ts";
import { type Service, serviceEntry } from "./entries/service.ts";
import { certainLabels, requirementsOf } from "./match.ts";
import type { Addresses, Policy, PolicyReference } from "./policy.ts";
import { isProtocol } from "./port-set.ts";

/** Something that runs, or would: pods of one template, a bare pod, or a virtual machine. */
export interface InventoryWorkload {
  readonly kind: "Pod" | "Workload" | "VM";
  readonly namespace: string;
  readonly name: string;
  /** The objects that it was read from, by name: of a workload in a cluster, its pods. */
  readonly members: readonly string[];
  readonly labels: Labels;
  readonly serviceAccount: string;
  readonly hostNetwork: boolean;
  readonly ports: readonly NamedPort[];
  readonly addresses?: Addresses;
}

/** What the objects of a cluster, or of a folder that is taken for one, say about what reaches what. */
export interface Inventory {
  readonly namespaces: ReadonlyMap<string, Labels>;
  readonly policies: readonly Policy[];
  readonly workloads: readonly InventoryWorkload[];
  readonly services: readonly Service[];
  readonly entries: readonly Entry[];
  readonly domains: readonly SecurityDomain[];
  readonly contracts: readonly FlowContract[];
  readonly contractApprovals: readonly FlowContractApproval[];
  /** Policies of kinds that are not understood: what they do is unknown. */
  readonly unmodelled: readonly PolicyReference[];
}

interface PodSpec {
  readonly hostNetwork?: boolean;
  readonly serviceAccountName?: string;
  readonly containers?: readonly { readonly ports?: readonly { readonly name?: string; readonly protocol?: string; readonly containerPort?: number }[] }[];
  readonly initContainers?: readonly { readonly restartPolicy?: string; readonly ports?: readonly object[] }[];
}

interface PodLike {
  readonly metadata?: ObjectMeta;
  readonly spec?: PodSpec;
  readonly status?: { readonly phase?: string; readonly podIPs?: readonly { readonly ip?: string }[]; readonly podIP?: string };
}

const machineKinds: ReadonlySet<string> = new Set(["kubevirt.io/VirtualMachine", "kubevirt.io/VirtualMachineInstance"]);

function kindOf({ apiVersion = "", kind = "" }: KubernetesObject): ObjectKind {
  return { group: apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "", kind };
}

/** Reads objects. What belongs to a namespace and names none is in `default`; namespaces that are only named have the label with their name. */
export function inventoryOf(objects: readonly KubernetesObject[]): Inventory {
  const services = objects.filter((object): object is Service => object.kind === "Service" && object.apiVersion === "v1");
  const find = (namespace: string, name: string) =>
    services.find(({ metadata }) => metadata?.name === name && (metadata?.namespace ?? "default") === namespace);
  const policies = objects.flatMap((object) => compilePolicy(kindOf(object), object) ?? []);
  const workloads = grouped(
    objects.flatMap((object) => workloadOf(object)),
    policies,
  );
  const unmodelled = objects.filter((object) => unmodelledEffect(kindOf(object)) !== undefined);
  return {
    namespaces: namespacesOf(objects, [...policies.map(({ reference }) => reference.namespace), ...workloads.map(({ namespace }) => namespace)]),
    policies,
    workloads,
    services,
    entries: [...services.flatMap(serviceEntry), ...objects.filter((object) => isRoute(kindOf(object))).flatMap((object) => routeEntries(object, find))],
    domains: ownObjects(objects, "SecurityDomain"),
    contracts: ownObjects(objects, "FlowContract"),
    contractApprovals: ownObjects(objects, "FlowContractApproval"),
    unmodelled: unmodelled.map(({ kind = "", metadata }) => ({ kind, namespace: metadata?.namespace ?? "", name: metadata?.name ?? "" })),
  };
}

/** Domains and contracts as decisions read them. What has no name or no spec says nothing. */
export function boundariesFrom(
  { domains, contracts }: Pick<Inventory, "domains" | "contracts">,
  approvals: (contract: FlowContract) => readonly ContractSide[],
): Boundaries {
  return {
    domains: domains.flatMap(({ metadata, spec }) => (metadata?.name === undefined || spec === undefined ? [] : [{ name: metadata.name, spec }])),
    contracts: contracts.flatMap((contract) =>
      contract.metadata?.name === undefined || contract.spec === undefined
        ? []
        : [{ name: contract.metadata.name, spec: contract.spec, approved: approvals(contract) }],
    ),
  };
}

function ownObjects(objects: readonly KubernetesObject[], kind: string): KubernetesObject[] {
  return objects.filter((object) => object.kind === kind && kindOf(object).group === "firebreak.dev");
}

/** The endpoint that a workload is, in a namespace with such labels. */
export function endpointOfWorkload({ namespace, labels, serviceAccount, hostNetwork, ports, addresses }: InventoryWorkload, namespaceLabels: Labels): Endpoint {
  return {
    kind: hostNetwork ? "host" : "pod",
    namespace,
    namespaceLabels,
    labels: certainLabels(labels),
    serviceAccount,
    namedPorts: ports,
    ...(addresses === undefined || hostNetwork ? {} : { addresses }),
  };
}

function namespacesOf(objects: readonly KubernetesObject[], named: readonly string[]): Map<string, Labels> {
  const found = new Map<string, Labels>();
  for (const name of named) if (name !== "") found.set(name, withNameLabel(name, undefined));
  for (const { apiVersion, kind, metadata } of objects)
    if (apiVersion === "v1" && kind === "Namespace" && metadata?.name !== undefined) found.set(metadata.name, withNameLabel(metadata.name, metadata.labels));
  return found;
}

/** None for what runs no pods, has run already, or is run by something that is read itself. */
export function workloadOf(object: KubernetesObject): InventoryWorkload[] {
  const kind = kindOf(object);
  if (kind.kind !== "Pod" && hasController(object.metadata)) return [];
  const named = { namespace: object.metadata?.namespace ?? "default", name: object.metadata?.name ?? object.metadata?.generateName ?? "" };
  if (machineKinds.has(`${kind.group}/${kind.kind}`))
    return [{ kind: "VM", ...named, members: [named.name], serviceAccount: "default", hostNetwork: false, ...machinePod(object) }];
  const path = podPath(kind);
  if (path === undefined || kind.kind === "PodTemplate") return [];
  const pod = (path.length === 0 ? object : valueAt(object, path)) as PodLike | undefined;
  const owner = kind.kind === "Pod" ? ownerName(object.metadata) : named.name;
  return hasFinished(pod)
    ? []
    : [{ kind: owner === undefined ? "Pod" : "Workload", ...named, name: owner ?? named.name, members: [named.name], ...readPod(pod) }];
}

function hasFinished(pod: PodLike | undefined): boolean {
  return pod?.status?.phase === "Succeeded" || pod?.status?.phase === "Failed";
}

function readPod(pod: PodLike | undefined): Pick<InventoryWorkload, "labels" | "serviceAccount" | "hostNetwork" | "ports" | "addresses"> {
  const ips = podAddresses(pod);
  const addresses = ips.length === 0 ? undefined : addressesOf(ips.map((ip) => `${ip}/${ip.includes(":") ? 128 : 32}`));
  return {
    labels: pod?.metadata?.labels ?? {},
    serviceAccount: pod?.spec?.serviceAccountName ?? "default",
    hostNetwork: pod?.spec?.hostNetwork === true,
    ports: portsOf(pod?.spec),
    ...(addresses === undefined ? {} : { addresses }),
  };
}

/** The workload that a pod is of, as far as the pod says: a ReplicaSet's name without the hash of its template. */
function ownerName(metadata: ObjectMeta | undefined): string | undefined {
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller === true);
  const hash = metadata?.labels?.["pod-template-hash"];
  if (owner === undefined) return undefined;
  return hash !== undefined && owner.name.endsWith(`-${hash}`) ? owner.name.slice(0, -hash.length - 1) : owner.name;
}

function podAddresses(pod: PodLike | undefined): string[] {
  const several = listOf(pod?.status?.podIPs).flatMap(({ ip }) => ip ?? []);
  return several.length > 0 ? several : pod?.status?.podIP === undefined ? [] : [pod.status.podIP];
}

/** Named ports of containers, and of init containers that keep running; those of others are gone when traffic comes. */
function portsOf(spec: PodSpec | undefined): NamedPort[] {
  const lasting = listOf(spec?.initContainers).filter(({ restartPolicy }) => restartPolicy === "Always");
  return [...listOf(spec?.containers), ...(lasting as NonNullable<PodSpec["containers"]>)].flatMap(({ ports }) =>
    listOf(ports).flatMap(({ name, protocol = "TCP", containerPort }): NamedPort[] =>
      name === undefined || containerPort === undefined || !isProtocol(protocol) ? [] : [{ name, protocol, port: containerPort }],
    ),
  );
}

/** Labels in which the pods of one workload differ without a meaning for anybody. */
const perPod: ReadonlySet<string> = new Set([
  "pod-template-hash",
  "controller-revision-hash",
  "pod-template-generation",
  "statefulset.kubernetes.io/pod-name",
  "apps.kubernetes.io/pod-index",
  "controller-uid",
  "batch.kubernetes.io/controller-uid",
]);

/**
 * Pods of one workload with the same labels are one. Pods of one workload with different labels stay apart: a policy may tell
 * them apart.
 */
function grouped(workloads: readonly InventoryWorkload[], policies: readonly Policy[]): InventoryWorkload[] {
  const found = new Map<string, InventoryWorkload>();
  const selected = selectedKeys(policies);
  for (const workload of workloads) {
    const labels = Object.fromEntries(Object.entries(workload.labels).filter(([key]) => !perPod.has(key) || selected.has(key)));
    const { kind, namespace, name, serviceAccount, hostNetwork, ports } = workload;
    const key = JSON.stringify([kind, namespace, name, Object.entries(labels).sort(), serviceAccount, hostNetwork, ports]);
    const known = found.get(key);
    const addresses = [known?.addresses, workload.addresses].filter((each) => each !== undefined);
    found.set(key, {
      ...workload,
      labels,
      members: [...(known?.members ?? []), ...workload.members],
      ...(addresses.length === 0 ? {} : { addresses: addresses.reduce(uniteAddresses) }),
    });
  }
  return [...found.values()];
}

/** The keys of pod labels that some policy reads. */
function selectedKeys(policies: readonly Policy[]): ReadonlySet<string> {
  const rules = policies.flatMap(({ ingress = [], egress = [] }) => [...ingress, ...egress]);
  const peers = rules.flatMap(({ peers: of = [] }) => of.flatMap((peer) => (peer.type === "pods" ? [peer.match.pods] : [])));
  return new Set([...policies.map(({ subject }) => subject.pods), ...peers].flatMap((selector) => requirementsOf(selector).map(({ key }) => key)));
}

/** The object of a request as it will be stored: a request knows its kind, its namespace and its name before the object does. */
export function objectOf({ kind, namespace, name }: Attributes, object: KubernetesObject): KubernetesObject {
  const { metadata } = object;
  return {
    ...object,
    apiVersion: kind.group === "" ? kind.version : `${kind.group}/${kind.version}`,
    kind: kind.kind,
    metadata: { ...metadata, ...(namespace === "" ? {} : { namespace }), name: metadata?.name ?? name },
  };
}
