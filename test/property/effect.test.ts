import fc from "fast-check";
import { expect, test } from "vitest";
import { hasBit } from "../../src/reachability/bit-set.ts";
import { compileAdminNetworkPolicy } from "../../src/reachability/dialects/admin-network-policy/compile.ts";
import { compileClusterNetworkPolicy } from "../../src/reachability/dialects/cluster-network-policy/compile.ts";
import { compileNetworkPolicy } from "../../src/reachability/dialects/network-policy/compile.ts";
import { effectOf, type Flows } from "../../src/reachability/effect.ts";
import type { Endpoint } from "../../src/reachability/endpoint.ts";
import { freeLabels } from "../../src/reachability/match.ts";
import type { Population } from "../../src/reachability/network.ts";
import { portsBetween } from "../../src/reachability/pair.ts";
import { noPorts, type PortSet, subtractPorts, unitePorts } from "../../src/reachability/port-set.ts";
import { type Change, Prospect } from "../../src/reachability/prospect.ts";
import type { View } from "../../src/reachability/view.ts";
import { size } from "../size.ts";
import { adminNetworkPolicy, cluster, clusterNetworkPolicy, namespaceNames, networkPolicy } from "./clusters.ts";
import { endpointOf, networkOf } from "./modelled.ts";
import type { Cluster } from "./plain-evaluator.ts";

const anyPod: Population = (namespace, namespaceLabels) => [
  { kind: "pod", namespace, namespaceLabels, labels: freeLabels(new Map()), namedPorts: "any" },
  { kind: "pod", namespace, namespaceLabels, labels: freeLabels(new Map([["app", ["x"]]])), namedPorts: "any" },
];

const namespaceLabels = fc.dictionary(fc.constantFrom("app", "tier"), fc.constantFrom("x", "y", "z"), { maxKeys: 2, noNullPrototype: false });
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.integer({ min: 0, max: 4 }).chain((n) => networkPolicy(`np-${n}`).map((policy) => putPolicy(compileNetworkPolicy(policy)))),
  fc.integer({ min: 0, max: 3 }).chain((n) => clusterNetworkPolicy(`cnp-${n}`).map((policy) => putPolicy(compileClusterNetworkPolicy(policy)))),
  fc.integer({ min: 0, max: 2 }).chain((n) => adminNetworkPolicy(`anp-${n}`, false).map((policy) => putPolicy(compileAdminNetworkPolicy(policy)))),
  fc.tuple(fc.constantFrom(...namespaceNames), fc.integer({ min: 0, max: 4 })).map(([namespace, n]) => removal("NetworkPolicy", namespace, `np-${n}`)),
  fc.integer({ min: 0, max: 3 }).map((n) => removal("ClusterNetworkPolicy", "", `cnp-${n}`)),
  fc.tuple(fc.constantFrom(...namespaceNames, "new"), namespaceLabels).map(([name, labels]): Change => ({ type: "namespace", name, labels })),
  fc.constantFrom(...namespaceNames).map((name): Change => ({ type: "namespace", name, labels: undefined })),
);

test("what a change opens and closes is the difference of what is reachable, pair by pair", { timeout: 600_000 }, () => {
  fc.assert(
    fc.property(cluster, change, (each, next) => {
      const network = networkOf(each, anyPod);
      const effect = effectOf(network, next);
      const after = new Prospect(network, next);
      const ids = [...new Set([...namespaceNames, "new"].flatMap((name) => [...network.of(name), ...after.of(name)]))];
      for (const from of ids)
        for (const to of ids) {
          const [was, is] = [between(network, from, to), between(after, from, to)];
          // A cluster policy's effect inside of a namespace is told as if its own policies said nothing of it.
          if (next.type === "policy" && next.reference.namespace === "" && network.endpoint(from)?.namespace === network.endpoint(to)?.namespace) continue;
          expect(portsOf(effect.opened, from, to), `opened ${from} ${to}`).toEqual(subtractPorts(is, was));
          expect(portsOf(effect.closed, from, to), `closed ${from} ${to}`).toEqual(subtractPorts(was, is));
        }
    }),
    { numRuns: size(1500, 20_000) },
  );
});

test("a network that was changed step by step is one that was built at once", { timeout: 600_000 }, () => {
  fc.assert(
    fc.property(cluster, fc.array(change, { minLength: 1, maxLength: 4 }), (each, changes) => {
      const network = networkOf(each, anyPod);
      for (const next of changes) {
        lookAtAll(network);
        apply(network, next);
      }
      const fresh = networkOf({ ...each, namespaces: {}, networkPolicies: [], clusterNetworkPolicies: [], adminNetworkPolicies: [] }, anyPod);
      for (const [name, labels] of network.namespaces) fresh.setNamespace(name, labels);
      for (const policy of [...network.clusterPolicies.values(), ...namespaceNames.flatMap((name) => [...network.policiesIn(name).values()])])
        fresh.setPolicy(policy);
      expect(everything(network)).toEqual(everything(fresh));
    }),
    { numRuns: size(500, 5000) },
  );
});

test("what pods have is never more than what pods of their namespaces could have", { timeout: 600_000 }, () => {
  fc.assert(
    fc.property(cluster, (each: Cluster) => {
      const [real, possible] = [networkOf(each), networkOf(each, anyPod)];
      const pods = each.pods.filter(({ hostNetwork }) => !hostNetwork);
      for (const from of pods)
        for (const to of pods) {
          const ports = portsBetween(real, endpointOf(each, from), endpointOf(each, to), "perhaps");
          const [source, target] = [from, to].map(({ namespace }) => possible.endpoint(possible.of(namespace)[0] as number)) as [Endpoint, Endpoint];
          expect(subtractPorts(ports, portsBetween(possible, source, target, "perhaps"))).toEqual([]);
        }
    }),
    { numRuns: size(500, 5000) },
  );
});

function between(view: View, from: number, to: number): PortSet {
  const [source, target] = [view.endpoint(from), view.endpoint(to)];
  return source === undefined || target === undefined ? noPorts : portsBetween(view, source, target, "perhaps");
}

function portsOf({ flows }: Flows, from: number, to: number): PortSet {
  return flows.reduce<PortSet>((ports, flow) => (hasBit(flow.from, from) && hasBit(flow.to, to) ? unitePorts(ports, flow.ports) : ports), noPorts);
}

function putPolicy(policy: ReturnType<typeof compileNetworkPolicy>): Change {
  return { type: "policy", reference: policy.reference, policy };
}

function removal(kind: string, namespace: string, name: string): Change {
  return { type: "policy", reference: { kind, namespace, name }, policy: undefined };
}

function apply(network: ReturnType<typeof networkOf>, next: Change): void {
  if (next.type === "namespace") {
    if (next.labels === undefined) network.removeNamespace(next.name);
    else network.setNamespace(next.name, next.labels);
  } else if (next.policy === undefined) network.removePolicy(next.reference);
  else network.setPolicy(next.policy);
}

/** Makes the network compute and keep what it can. */
function lookAtAll(network: ReturnType<typeof networkOf>): void {
  for (const direction of ["ingress", "egress"] as const) for (const shape of network.groups(direction).keys()) network.region(shape);
}

/** The ports of every pair of endpoints, by namespace and place in it: numbers may differ. */
function everything(network: ReturnType<typeof networkOf>): Record<string, PortSet> {
  const ends = [...network.namespaces.keys()].flatMap((name) => network.of(name).map((id, at) => ({ id, name: `${name} ${at}` })));
  const pairs = ends.flatMap((one) => ends.flatMap((other) => (["ingress", "egress"] as const).map((direction) => ({ one, other, direction }))));
  return Object.fromEntries(
    pairs.map(({ one, other, direction }) => [`${direction} ${one.name} ${other.name}`, network.portsAt(network.shape(one.id, direction), other.id)]),
  );
}
