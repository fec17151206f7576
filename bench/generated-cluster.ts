import type { NetworkPolicy } from "../src/model/kubernetes.ts";
import { addressesOf } from "../src/reachability/addresses.ts";
import { compileClusterNetworkPolicy, type ClusterNetworkPolicy } from "../src/reachability/dialects/cluster-network-policy/compile.ts";
import { compileNetworkPolicy } from "../src/reachability/dialects/network-policy/compile.ts";
import { freeLabels } from "../src/reachability/match.ts";
import { Network, type Population } from "../src/reachability/network.ts";
import type { Addresses } from "../src/reachability/policy.ts";
import type { Change } from "../src/reachability/prospect.ts";
import { effectOf } from "../src/reachability/effect.ts";

const anyPod: Population = (namespace, namespaceLabels) => [{ kind: "pod", namespace, namespaceLabels, labels: freeLabels(new Map()), namedPorts: "any" }];

let seed = 42;
function random(): number {
  seed = (seed * 1103515245 + 12345) & 0x7fffffff;
  return seed / 0x7fffffff;
}
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

export function policyFor(ns: string, index: number, count: number): NetworkPolicy {
  const own = { kubernetesMetadata: ns };
  void own;
  const name = `p${index}`;
  const meta = { name, namespace: ns };
  const port = pick([80, 443, 8080, 5432, 6379, 9090]);
  const kind = random();
  if (kind < 0.3) return { metadata: meta, spec: { podSelector: {}, policyTypes: ["Ingress"], ingress: [{ from: [{ podSelector: {} }] }] } };
  if (kind < 0.5) return { metadata: meta, spec: { podSelector: { matchLabels: { app: pick(["web", "db", "api"]) } }, policyTypes: ["Ingress"], ingress: [{ from: [{ namespaceSelector: { matchLabels: { tenant: `t${Math.floor(random() * 200)}` } } }], ports: [{ port }] }] } };
  if (kind < 0.7) return { metadata: meta, spec: { podSelector: { matchLabels: { app: pick(["web", "db", "api"]) } }, policyTypes: ["Ingress"], ingress: [{ from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": `ns-${Math.floor(random() * count)}` } }, podSelector: { matchLabels: { app: "web" } } }], ports: [{ port }] }] } };
  if (kind < 0.9) return { metadata: meta, spec: { podSelector: {}, policyTypes: ["Egress"], egress: [{ to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": pick(["ns-0", "ns-1", `ns-${Math.floor(random() * count)}`]) } } }], ports: [{ port }] }] } };
  return { metadata: meta, spec: { podSelector: {}, policyTypes: ["Egress"], egress: [{ to: [{ ipBlock: { cidr: `${10 + Math.floor(random() * 100)}.${Math.floor(random() * 255)}.0.0/16` } }], ports: [{ port: 443 }] }] } };
}

const deny = (namespace: string): NetworkPolicy => ({ metadata: { name: "firebreak-default-deny", namespace }, spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"], egress: [{ to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "ns-0" } }, podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }], ports: [{ protocol: "UDP", port: 53 }, { protocol: "TCP", port: 53 }] }] } });

const cnp = (name: string, priority: number): ClusterNetworkPolicy => ({ kind: "ClusterNetworkPolicy", metadata: { name }, spec: { tier: "Admin", priority, subject: { namespaces: pick([{}, { matchLabels: { tenant: "t7" } }, { matchLabels: { environment: "production" } }]) }, ingress: [{ action: pick(["Accept", "Deny", "Pass"]), from: [{ namespaces: pick([{ matchLabels: { "kubernetes.io/metadata.name": "ns-5" } }, { matchLabels: { environment: "test" } }]) }], protocols: [{ tcp: { destinationPort: { number: pick([9090, 22, 443]) } } }] }] } });

const count = Number(process.argv[2] ?? 10_000);
const labelsOf = (index: number) => ({ "kubernetes.io/metadata.name": `ns-${index}`, tenant: `t${index % 200}`, environment: pick(["production", "test", "development"]) });
const start = performance.now();
const network = new Network({ pods: addressesOf(["10.0.0.0/8"]) as Addresses, nodes: addressesOf(["10.0.0.0/8"]) as Addresses }, anyPod);
for (let index = 0; index < count; index += 1) {
  network.setNamespace(`ns-${index}`, labelsOf(index));
  network.setPolicy(compileNetworkPolicy(deny(`ns-${index}`)));
  network.setPolicy(compileNetworkPolicy(policyFor(`ns-${index}`, 1, count)));
}
for (let index = 0; index < 10; index += 1) network.setPolicy(compileClusterNetworkPolicy(cnp(`c${index}`, index * 10)));
console.log("put", performance.now() - start, process.memoryUsage().rss / 2 ** 20);
for (const d of ["ingress", "egress"] as const) for (const shape of network.groups(d).keys()) network.region(shape);
console.log("built", performance.now() - start, process.memoryUsage().rss / 2 ** 20, network.groups("ingress").size, network.groups("egress").size);
const times: Record<string, number[]> = {};
function time(kind: string, change: Change) {
  const at = performance.now();
  effectOf(network, change);
  (times[kind] ??= []).push(performance.now() - at);
}
for (let i = 0; i < 500; i += 1) {
  const ns = `ns-${Math.floor(random() * count)}`;
  const p = compileNetworkPolicy(policyFor(ns, 2, count));
  time("policy", { type: "policy", reference: p.reference, policy: p });
  time("relabel", { type: "namespace", name: ns, labels: { ...network.labels(ns), tenant: `t${Math.floor(random() * 200)}` } });
  if (i % 10 === 0) { const c = compileClusterNetworkPolicy(cnp(`c${Math.floor(random() * 12)}`, Math.floor(random() * 100))); time("cluster", { type: "policy", reference: c.reference, policy: c }); }
}
for (const [kind, list] of Object.entries(times)) {
  list.sort((a, b) => a - b);
  console.log(kind, list.length, "p50", list[list.length >> 1], "p99", list[Math.floor(list.length * 0.99)], "max", list.at(-1));
}
console.log(process.memoryUsage().rss / 2 ** 20);
