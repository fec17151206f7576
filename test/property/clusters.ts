import fc from "fast-check";
import type { LabelSelector, NetworkPolicy } from "../../src/model/kubernetes.ts";
import type { AdminNetworkPolicy } from "../../src/reachability/dialects/admin-network-policy/compile.ts";
import type { ClusterNetworkPolicy } from "../../src/reachability/dialects/cluster-network-policy/compile.ts";
import type { Cluster, End, Packet, Pod } from "./plain-evaluator.ts";

// Few names, so that things meet.
export const namespaceNames = ["a", "b", "c", "d"] as const;
const keys = ["app", "tier", "constructor"] as const;
const values = ["x", "y", "z"] as const;
const names = ["web", "db"] as const;
const protocols = ["TCP", "UDP", "SCTP"] as const;
const addresses = ["10.0.0.1", "10.0.0.9", "10.1.0.1", "8.8.8.8", "8.8.9.9", "192.168.1.1"] as const;
const cidrs = ["0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/24", "10.0.0.0/29", "10.1.0.0/16", "8.8.8.0/23", "8.8.8.8/32", "0.0.0.0/1"] as const;

const labels = fc.dictionary(fc.constantFrom(...keys), fc.constantFrom(...values), { maxKeys: 2, noNullPrototype: false });
const expression = fc.record({
  key: fc.constantFrom(...keys),
  operator: fc.constantFrom("In", "NotIn", "Exists", "DoesNotExist"),
  values: fc.array(fc.constantFrom(...values), { maxLength: 2 }),
});
const selector: fc.Arbitrary<LabelSelector> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  { weight: 4, arbitrary: labels.map((matchLabels) => ({ matchLabels })) },
  { weight: 2, arbitrary: fc.array(expression, { minLength: 1, maxLength: 2 }).map((matchExpressions) => ({ matchExpressions })) },
);
const portNumber = fc.constantFrom(80, 443, 5000, 8080);
const namedPort = fc.record({ name: fc.constantFrom(...names), protocol: fc.constantFrom(...protocols), port: portNumber });

const pod = (index: number): fc.Arbitrary<Pod> =>
  fc.record({
    namespace: fc.constantFrom(...namespaceNames),
    labels,
    ip: fc.constant(`10.0.${index % 2}.${index + 1}`),
    hostNetwork: fc.constantFrom(false, false, false, false, true),
    ports: fc.array(namedPort, { maxLength: 2 }),
  });

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const ipBlock = fc.record({ cidr: fc.constantFrom(...cidrs), except: fc.array(fc.constantFrom(...cidrs), { maxLength: 1 }) });
const networkPolicyPeer = fc.oneof(
  selector.map((podSelector) => ({ podSelector })),
  selector.map((namespaceSelector) => ({ namespaceSelector })),
  fc.record({ podSelector: selector, namespaceSelector: selector }),
  ipBlock.map((block) => ({ ipBlock: block })),
);
const networkPolicyPort = fc.oneof(
  fc.record({ protocol: fc.constantFrom(...protocols) }),
  fc.record({ protocol: fc.constantFrom(...protocols), port: portNumber }),
  fc.record({ port: portNumber }),
  fc.record({ protocol: fc.constantFrom(...protocols), port: fc.constantFrom(...names) }),
  fc.record({ protocol: fc.constantFrom(...protocols), port: fc.constantFrom(79, 400), endPort: fc.constantFrom(443, 6000) }),
);
const rule = (side: "from" | "to") =>
  fc.record({ [side]: fc.array(networkPolicyPeer, { maxLength: 2 }), ports: fc.array(networkPolicyPort, { maxLength: 2 }) });

export const networkPolicy = (name: string): fc.Arbitrary<NetworkPolicy> =>
  fc
    .record({
      namespace: fc.constantFrom(...namespaceNames),
      podSelector: selector,
      policyTypes: maybe(fc.constantFrom(["Ingress"], ["Egress"], ["Ingress", "Egress"], [])),
      ingress: maybe(fc.array(rule("from"), { maxLength: 2 })),
      egress: maybe(fc.array(rule("to"), { maxLength: 2 })),
    })
    .map(({ namespace, ...spec }) => ({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name, namespace }, spec: spec as never }));

const pods = fc.record({ namespaceSelector: selector, podSelector: selector });
const subject = fc.oneof(
  selector.map((namespaces) => ({ namespaces })),
  pods.map((match) => ({ pods: match })),
);
const clusterPeer = fc.oneof(
  { weight: 4, arbitrary: selector.map((namespaces) => ({ namespaces })) },
  { weight: 4, arbitrary: pods.map((match) => ({ pods: match })) },
  { weight: 3, arbitrary: fc.array(fc.constantFrom(...cidrs), { minLength: 1, maxLength: 2 }).map((networks) => ({ networks })) },
  { weight: 1, arbitrary: fc.constant({ somethingNew: {} }) },
);
const protocol = fc.oneof(
  fc.constantFrom(...names).map((destinationNamedPort) => ({ destinationNamedPort })),
  fc
    .tuple(
      fc.constantFrom("tcp", "udp", "sctp"),
      fc.oneof(
        fc.constant({}),
        portNumber.map((number) => ({ destinationPort: { number } })),
        fc.constant({ destinationPort: { range: { start: 79, end: 443 } } }),
      ),
    )
    .map(([name, match]) => ({ [name]: match })),
);
const tieredRule = (side: "from" | "to", actions: readonly string[], ports: fc.Arbitrary<object>) =>
  fc
    .tuple(fc.constantFrom(...actions), fc.array(clusterPeer, { minLength: 1, maxLength: 2 }), ports)
    .map(([action, peers, what]) => ({ action, [side]: peers, ...what }));

export const clusterNetworkPolicy = (name: string): fc.Arbitrary<ClusterNetworkPolicy> => {
  const ports = maybe(fc.array(protocol, { minLength: 1, maxLength: 2 })).map((protocols) => (protocols === undefined ? {} : { protocols }));
  const rules = (side: "from" | "to") => fc.array(tieredRule(side, ["Accept", "Deny", "Pass"], ports), { maxLength: 3 });
  return fc
    .record({ tier: fc.constantFrom("Admin", "Baseline"), priority: fc.integer({ min: 0, max: 3 }), subject, ingress: rules("from"), egress: rules("to") })
    .map((spec) => ({ apiVersion: "policy.networking.k8s.io/v1alpha2", kind: "ClusterNetworkPolicy", metadata: { name }, spec: spec as never }));
};

const adminPort = fc.oneof(
  fc.record({ port: portNumber, protocol: fc.constantFrom(...protocols) }).map((number) => ({ portNumber: number })),
  fc.constantFrom(...protocols).map((proto) => ({ portRange: { protocol: proto, start: 79, end: 443 } })),
  fc.constantFrom(...names).map((name) => ({ namedPort: name })),
);

export const adminNetworkPolicy = (name: string, baseline: boolean): fc.Arbitrary<AdminNetworkPolicy> => {
  const ports = maybe(fc.array(adminPort, { minLength: 1, maxLength: 2 })).map((list) => (list === undefined ? {} : { ports: list }));
  const rules = (side: "from" | "to") => fc.array(tieredRule(side, baseline ? ["Allow", "Deny"] : ["Allow", "Deny", "Pass"], ports), { maxLength: 3 });
  const kind = baseline ? "BaselineAdminNetworkPolicy" : "AdminNetworkPolicy";
  return fc.record({ priority: fc.integer({ min: 0, max: 3 }), subject, ingress: rules("from"), egress: rules("to") }).map((spec) => ({
    apiVersion: "policy.networking.k8s.io/v1alpha1",
    kind,
    metadata: { name },
    spec: (baseline ? { ...spec, priority: 0 } : spec) as never,
  }));
};

const several = <T>(most: number, make: (index: number) => fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.integer({ min: 0, max: most }).chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => make(index)))) as fc.Arbitrary<T[]>;

export const cluster: fc.Arbitrary<Cluster> = fc
  .record({
    a: labels,
    b: labels,
    c: labels,
    d: labels,
    pods: several(6, pod),
    networkPolicies: several(5, (index) => networkPolicy(`np-${index}`)),
    clusterNetworkPolicies: several(3, (index) => clusterNetworkPolicy(`cnp-${index}`)),
    adminNetworkPolicies: several(2, (index) => adminNetworkPolicy(`anp-${index}`, false)),
    baseline: fc.option(adminNetworkPolicy("default", true), { nil: undefined }),
  })
  .map(({ a, b, c, d, baseline, adminNetworkPolicies, ...rest }) => ({
    ...rest,
    namespaces: { a, b, c, d },
    adminNetworkPolicies: baseline === undefined ? adminNetworkPolicies : [...adminNetworkPolicies, baseline],
  }));

/** Packets between what is in a cluster, and to and from the outside. */
export function packets({ pods: inside }: Cluster): fc.Arbitrary<Packet> {
  const end: fc.Arbitrary<End> = fc.oneof(
    { weight: inside.length === 0 ? 0 : 5, arbitrary: fc.constantFrom(...(inside.length === 0 ? [{ ip: "8.8.8.8" }] : inside)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...addresses).map((ip) => ({ ip })),
    },
  );
  return fc.record({ from: end, to: end, protocol: fc.constantFrom(...protocols), port: fc.oneof(portNumber, fc.constantFrom(79, 444, 53)) });
}
