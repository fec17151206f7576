import type { Attributes } from "../model/attributes.ts";
import { isNamespace } from "../model/attributes.ts";
import type { LabelSelector, Labels, NetworkPolicy } from "../model/kubernetes.ts";
import { withNameLabel } from "../model/reachability.ts";
import type { DomainOwner } from "../model/security-domain.ts";
import { podPath } from "../model/workload.ts";
import { isEmptyBits } from "./bit-set.ts";
import { type BoundaryMap, type Crossing, newCrossings } from "./boundaries.ts";
import type { ClusterModel } from "./cluster-model.ts";
import { type DescribedCrossing, type DescribedFlow, Describer } from "./describe.ts";
import { compilePolicy, isModelledPolicy, unmodelledEffect } from "./dialects/compile.ts";
import { type Effect, effectOf, type Flows, TooBig } from "./effect.ts";
import { backendServices, isRoute } from "./entries/routes.ts";
import type { Service } from "./entries/service.ts";
import type { AddressFlow, Flow } from "./flow.ts";
import { endpointOfWorkload, type InventoryWorkload, objectOf, workloadOf } from "./inventory.ts";
import { certainLabels, isUnconditional, selectorMatch } from "./match.ts";
import type { Policy, PolicyReference } from "./policy.ts";
import { type PolicyAddresses, policyAddresses, unionAddresses } from "./policy-addresses.ts";
import { type Change, namespaceChange } from "./prospect.ts";

/** What a change does, as rules read it (`input.effect`). Lists are cut to what a person reads; crossings are never cut to nothing. */
export interface ChangeEffect {
  readonly addresses?: PolicyAddresses;
  /** `deniedBy` are the rules that denied it on purpose before: not isolation, which denies what nobody asked for. */
  readonly opened?: readonly (DescribedFlow & { readonly deniedBy: DescribedFlow["policies"] })[];
  readonly closed?: readonly DescribedFlow[];
  /** Flows across guarded boundaries that no live contract carries, and that were not there before. */
  readonly crossings?: readonly DescribedCrossing[];
  /** How many there are of each, before lists were cut. */
  readonly counts?: { readonly opened: number; readonly closed: number; readonly crossings: number };
  /** What is not understood, where something is guarded: whether it opens a flow nobody knows. */
  readonly unknown?: readonly PolicyReference[];
  /** The effect could not be found in time, and something is guarded. */
  readonly tooBig?: boolean;
  /** Whether a workload is selected by a policy in each direction. */
  readonly coverage?: { readonly ingress: boolean; readonly egress: boolean };
  /** Selectors and references that mean nothing that is there. */
  readonly dangling?: readonly { readonly path: string; readonly words: string }[];
  /** Workloads that a way in leads to. */
  readonly exposed?: readonly { readonly workload: string; readonly covered: boolean; readonly open: boolean }[];
  /** Services that would send to a new workload what they send to others now. */
  readonly shared?: readonly { readonly service: string; readonly workload: string; readonly labels: Labels }[];
  /** Domains that a namespace would join or leave. */
  readonly moved?: readonly { readonly domain: string; readonly type: string; readonly change: "joins" | "leaves"; readonly owners: readonly DomainOwner[] }[];
  /** Tenants that a namespace would belong to at once, where those are more than one. */
  readonly tenants?: readonly string[];
  /** Policies of the same tier and priority that contradict this one for the same pods. */
  readonly ties?: readonly PolicyReference[];
}

const mostFlows = 20;
const mostCrossings = 50;

/** What the old object of an update opened to plain addresses, with the policies beside it. */
export function addressesBefore(model: ClusterModel, attributes: Attributes): ChangeEffect {
  const { oldObject, kind } = attributes;
  if (oldObject === undefined || kind.kind !== "NetworkPolicy" || !isModelledPolicy(kind)) return {};
  return { addresses: addressesOfChange(model, { ...attributes, object: oldObject }) };
}

/** Judges one change against a model. The model stays as it is. */
export function judgeChange(model: ClusterModel, attributes: Attributes, now: Date): ChangeEffect {
  const { kind } = attributes;
  if (isModelledPolicy(kind)) return policyEffect(model, attributes, now);
  if (isNamespace(kind)) return namespaceEffect(model, attributes, now);
  if (unmodelledEffect(kind) === "either way") return unknownEffect(model, attributes);
  if (podPath(kind) !== undefined || kind.group === "kubevirt.io") return workloadEffect(model, attributes);
  if (kind.group === "" && kind.kind === "Service") return serviceEffect(model, attributes);
  return isRoute(kind) ? routeEffect(model, attributes) : {};
}

/** What stands was unknown before and is unknown still: only a change of it is told of. */
function unknownEffect(model: ClusterModel, attributes: Attributes): ChangeEffect {
  return attributes.operation !== "AUDIT" && model.map.guards ? { unknown: [referenceOf(attributes)] } : {};
}

function policyEffect(model: ClusterModel, attributes: Attributes, now: Date): ChangeEffect {
  const { kind, operation, object, oldObject } = attributes;
  const written = object ?? oldObject;
  const policy = written === undefined ? undefined : compilePolicy(kind, objectOf(attributes, written));
  if (policy === undefined) return {};
  const after = operation === "DELETE" ? undefined : policy;
  const more = {
    ...(kind.kind === "NetworkPolicy" ? { addresses: addressesOfChange(model, attributes) } : {}),
    ...(after === undefined ? {} : { dangling: danglingOf(model, after), ties: tiesOf(model, after) }),
  };
  // What stands is judged by what would be closed without it.
  const change: Change = { type: "policy", reference: policy.reference, policy: operation === "AUDIT" ? undefined : after };
  return { ...more, ...boundedEffect(model, change, now, operation === "AUDIT") };
}

function namespaceEffect(model: ClusterModel, attributes: Attributes, now: Date): ChangeEffect {
  const { operation, object, name } = attributes;
  if (operation === "DELETE" || operation === "AUDIT" || object === undefined) return {};
  const own = name || (object.metadata?.name ?? "");
  const labels = withNameLabel(own, object.metadata?.labels);
  const change = namespaceChange(model.network, own, labels);
  return boundedEffect(model, change, now, false);
}

function boundedEffect(model: ClusterModel, change: Change, now: Date, standing: boolean): ChangeEffect {
  try {
    const namespace = change.type === "policy" ? change.reference.namespace : change.name;
    const effect = effectOf(model.network, change, change.type === "policy" ? model.distinctWorkloads(namespace) : []);
    return describe(model, change, effect, now, standing);
  } catch (thrown) {
    if (!(thrown instanceof TooBig)) throw thrown;
    return { tooBig: model.map.guards };
  }
}

function describe(model: ClusterModel, change: Change, effect: Effect, now: Date, standing: boolean): ChangeEffect {
  const { map } = model;
  const count = model.network.namespaces.size;
  const before = new Describer(effect.before, map, count);
  const moved = change.type === "namespace" ? map.moved(effect.after, [...effect.before.of(change.name), ...effect.after.of(change.name)]) : map;
  const after = new Describer(effect.after, moved, count);
  const [gained, lost] = standing ? [effect.closed, effect.opened] : [effect.opened, effect.closed];
  const [gaining, losing] = standing ? [before, after] : [after, before];
  const ofWorkloads = standing ? [] : effect.workloads.flatMap(({ name, opened }) => flowsOf(opened).map((flow) => ({ name, flow })));
  const crossings = crossingsOf(effect, { gained, ofWorkloads, map, moved, now });
  const namespace = change.type === "policy" ? change.reference.namespace : change.name;
  const opened = [...flowsOf(gained).map((flow) => ({ flow, name: undefined })), ...ofWorkloads];
  return {
    opened: opened.slice(0, mostFlows).map(({ flow, name }) => ({
      ...gaining.flow(flow, name === undefined ? undefined : { namespace, name }),
      deniedBy: losing.denials(flow),
    })),
    closed: flowsOf(lost)
      .slice(0, mostFlows)
      .map((flow) => losing.flow(flow)),
    crossings: crossings.slice(0, mostCrossings).map((crossing) => gaining.crossing(crossing)),
    counts: { opened: opened.length, closed: flowsOf(lost).length, crossings: crossings.length },
    ...(change.type === "namespace" ? { moved: movesOf(effect, map, moved, change.name), tenants: moved.tenantsOf(effect.after.of(change.name)) } : {}),
  };
}

interface CrossingQuestion {
  readonly gained: Flows;
  readonly ofWorkloads: readonly { readonly flow: Flow | AddressFlow }[];
  readonly map: BoundaryMap;
  readonly moved: BoundaryMap;
  readonly now: Date;
}

/** A namespace that moves takes along all that it had: what was within a boundary may cross it now. */
function crossingsOf({ moved: all }: Effect, { gained, ofWorkloads, map, moved, now }: CrossingQuestion): Crossing[] {
  if (all !== undefined) return newCrossings(moved.crossings(all.after, now), map.crossings(all.before, now));
  const flows = ofWorkloads.map(({ flow }) => flow);
  const running: Flows = { flows: flows.filter((flow): flow is Flow => !("addresses" in flow)), addresses: flows.filter((flow) => "addresses" in flow) };
  return [...map.crossings(gained, now), ...map.crossings(running, now)];
}

function flowsOf({ flows, addresses }: Flows): (Flow | AddressFlow)[] {
  return [...flows, ...addresses];
}

function movesOf(effect: Effect, map: BoundaryMap, moved: BoundaryMap, name: string): NonNullable<ChangeEffect["moved"]> {
  const [was, is] = [map.domainsWith(effect.before.of(name)), moved.domainsWith(effect.after.of(name))];
  const change = (names: ReadonlySet<string>, others: ReadonlySet<string>, word: "joins" | "leaves") =>
    [...names]
      .filter((domain) => !others.has(domain))
      .map((domain) => ({ domain, type: map.domain(domain)?.type ?? "", change: word, owners: map.domain(domain)?.owners ?? [] }));
  return [...change(is, was, "joins"), ...change(was, is, "leaves")];
}

/** Addresses of the change itself, with the sums over all policies that may select the same pods. */
function addressesOfChange(model: ClusterModel, attributes: Attributes): PolicyAddresses {
  const { object, oldObject, namespace } = attributes;
  const own = (object ?? oldObject) as NetworkPolicy;
  const reference = referenceOf(attributes);
  const others = [...model.network.policiesIn(namespace).values()].filter(
    (policy) => policy.reference.name !== reference.name && mayMeet(policy.subject.pods, own.spec?.podSelector),
  );
  return unionAddresses(policyAddresses(own.spec), own.spec, others);
}

/** Whether some pod could be selected by both: not where they want different values of one label. */
function mayMeet(one: LabelSelector | undefined, other: LabelSelector | undefined): boolean {
  return Object.entries(one?.matchLabels ?? {}).every(([key, value]) => {
    const wanted = other?.matchLabels;
    return wanted === undefined || !Object.hasOwn(wanted, key) || wanted[key] === value;
  });
}

/** A subject that selects nothing that runs, where something does; namespaces that no selector means. */
function danglingOf(model: ClusterModel, policy: Policy): NonNullable<ChangeEffect["dangling"]> {
  const found: { path: string; words: string }[] = [];
  if (!model.complete) return found;
  const { namespace } = policy.reference;
  const workloads = model.workloadsIn(namespace);
  const { pods } = policy.subject;
  if (
    namespace !== "" &&
    workloads.length > 0 &&
    !isUnconditional(pods) &&
    !workloads.some(({ labels }) => selectorMatch(pods, certainLabels(labels)) === "yes")
  )
    found.push({ path: "spec.podSelector", words: `the policy selects no workload of ${namespace}` });
  for (const rule of [...(policy.ingress ?? []), ...(policy.egress ?? [])])
    for (const peer of rule.peers ?? [])
      if (peer.type === "pods" && peer.match.namespaces !== "own" && isEmptyBits(model.network.universe.members(peer.match).perhaps))
        found.push({ path: rule.path, words: "a peer selects no namespace that is there" });
  return found;
}

/** Policies of the cluster at the same place that decide otherwise for the same pods: which of them goes first is not defined. */
function tiesOf(model: ClusterModel, policy: Policy): PolicyReference[] {
  if (policy.reference.namespace !== "") return [];
  const { universe } = model.network;
  const actions = (each: Policy) => new Set([...(each.ingress ?? []), ...(each.egress ?? [])].map(({ action }) => action));
  const own = universe.members(policy.subject).perhaps;
  return [...model.network.clusterPolicies.values()]
    .filter(
      ({ reference, tier, priority }) =>
        tier === policy.tier && priority === policy.priority && (reference.name !== policy.reference.name || reference.kind !== policy.reference.kind),
    )
    .filter((other) => new Set([...actions(other), ...actions(policy)]).size > 1)
    .filter((other) => universe.members(other.subject).perhaps.some((word, index) => (word & (own[index] as number)) !== 0))
    .map(({ reference }) => reference);
}

function workloadEffect(model: ClusterModel, attributes: Attributes): ChangeEffect {
  const { object, operation } = attributes;
  if (object === undefined || operation === "DELETE") return {};
  const [workload] = workloadOf(objectOf(attributes, object));
  if (workload === undefined || workload.hostNetwork) return {};
  const labels = model.network.labels(workload.namespace);
  const endpoint = endpointOfWorkload(workload, labels ?? {});
  // In an enforced namespace the default deny is stored before the first pod is admitted; of a namespace that is not known nothing is.
  const isolated = labels === undefined || model.isEnforced(workload.namespace);
  const covered = (direction: "ingress" | "egress") => isolated || model.network.selecting(endpoint, direction).some(({ match }) => match === "yes");
  return { coverage: { ingress: covered("ingress"), egress: covered("egress") }, ...(operation === "CREATE" ? { shared: sharedWith(model, workload) } : {}) };
}

/** Services that select the workload and others already. */
function sharedWith(model: ClusterModel, workload: InventoryWorkload): NonNullable<ChangeEffect["shared"]> {
  const { namespace, labels, name } = workload;
  return model.services(namespace).flatMap(({ metadata, spec }) => {
    const { selector } = spec ?? {};
    if (selector === undefined || Object.keys(selector).length === 0 || !selected(selector, labels)) return [];
    return model
      .workloadsIn(namespace)
      .filter((other) => other.name !== name && selected(selector, other.labels))
      .slice(0, mostFlows)
      .map((other) => ({ service: metadata?.name ?? "", workload: other.name, labels: other.labels }));
  });
}

function selected(selector: Labels, labels: Labels): boolean {
  return selectorMatch({ matchLabels: selector }, certainLabels(labels)) === "yes";
}

function serviceEffect(model: ClusterModel, { object, namespace, operation }: Attributes): ChangeEffect {
  if (object === undefined || operation === "DELETE") return {};
  const { spec } = object as Service;
  const { selector } = spec ?? {};
  if (selector === undefined || Object.keys(selector).length === 0 || spec?.type === "ExternalName") return {};
  const behind = model.workloadsIn(namespace).filter(({ labels }) => selected(selector, labels));
  const dangling =
    model.complete && behind.length === 0 && model.workloadsIn(namespace).length > 0
      ? [{ path: "spec.selector", words: `the Service selects no workload of ${namespace}` }]
      : [];
  const outside = spec?.type === "LoadBalancer" || spec?.type === "NodePort";
  return { dangling, exposed: outside ? behind.map((workload) => exposure(model, workload)) : [] };
}

function routeEffect(model: ClusterModel, attributes: Attributes): ChangeEffect {
  const { object, operation } = attributes;
  if (object === undefined || operation === "DELETE") return {};
  const backends = backendServices(objectOf(attributes, object));
  const dangling = backends
    .filter(({ namespace, name }) => model.complete && model.service(namespace, name) === undefined)
    .map(({ namespace, name }) => ({ path: "spec", words: `there is no Service ${namespace}/${name}` }));
  const exposed = backends.flatMap(({ namespace, name }) => {
    const selector = model.service(namespace, name)?.spec?.selector;
    if (selector === undefined) return [];
    return model
      .workloadsIn(namespace)
      .filter(({ labels }) => selected(selector, labels))
      .map((workload) => exposure(model, workload));
  });
  return { dangling, exposed };
}

/** Whether an ingress policy selects a workload, and whether one lets in whoever comes. */
function exposure(model: ClusterModel, workload: InventoryWorkload): NonNullable<ChangeEffect["exposed"]>[number] {
  const endpoint = endpointOfWorkload(workload, model.network.labels(workload.namespace) ?? {});
  const selecting = model.network.selecting(endpoint, "ingress").filter(({ match }) => match === "yes");
  const open = selecting.some(({ policy }) => policy.ingress?.some(({ action, peers }) => action === "allow" && peers === undefined));
  return { workload: `${workload.namespace}/${workload.name}`, covered: selecting.some(({ policy }) => policy.tier.end === "deny"), open };
}

function referenceOf({ kind, namespace, name, object, oldObject }: Attributes): PolicyReference {
  return { kind: kind.kind, namespace, name: name || ((object ?? oldObject)?.metadata?.name ?? "") };
}
