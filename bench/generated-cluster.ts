/**
 * `node bench/generated-cluster.ts NAMESPACES CHANGES`: builds the model of a generated cluster, judges random changes against it, and
 * prints what that took as JSON. A process of its own, so that its memory is its own.
 */
import type { Attributes } from "../src/model/attributes.ts";
import type { KubernetesObject, Labels, NetworkPolicySpec } from "../src/model/kubernetes.ts";
import { withNameLabel } from "../src/model/reachability.ts";
import type { Boundaries } from "../src/model/security-domain.ts";
import { addressesOf } from "../src/reachability/addresses.ts";
import { ClusterModel } from "../src/reachability/cluster-model.ts";
import { compilePolicy } from "../src/reachability/dialects/compile.ts";
import { workloadOf } from "../src/reachability/inventory.ts";
import { judgeChange } from "../src/reachability/judge-change.ts";
import type { Addresses, Policy } from "../src/reachability/policy.ts";

const namespaces = Number(process.argv[2] ?? 10_000);
const changes = Number(process.argv[3] ?? 5000);
const tenants = Math.round(200 * (namespaces / 10_000)) || 1;
const podsEach = 10;
const now = new Date("2026-01-01T00:00:00Z");

/** The same cluster each time: a linear congruential generator (glibc's constants). */
let seed = 42;
function random(below: number): number {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
  return seed % below;
}

function pick<T>(list: readonly T[]): T {
  return list[random(list.length)] as T;
}

const name = (index: number) => `ns-${index}`;
const environments = ["production", "testing", "development"] as const;

function labelsOf(index: number, tenant = index % tenants): Labels {
  const environment = environments[Math.floor(index / tenants) % environments.length] ?? "testing";
  return withNameLabel(name(index), { "firebreak.dev/tenant": `t${tenant}`, "firebreak.dev/environment": environment, "firebreak.dev/mode": "enforce" });
}

const byName = (index: number) => ({ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name(index) } } });
const ports = [80, 443, 5432, 6379, 8080, 9090] as const;
const apps = ["web", "api", "db"] as const;

/** What teams write: their own namespace, their tenant, one other namespace, a shared service, an address. */
function someSpec(index: number): NetworkPolicySpec {
  const tenant = { namespaceSelector: { matchLabels: { "firebreak.dev/tenant": `t${index % tenants}` } } };
  const port = [{ protocol: "TCP", port: pick(ports) }];
  const app = { podSelector: { matchLabels: { app: pick(apps) } } };
  const kind = random(10);
  if (kind < 3) return { podSelector: {}, policyTypes: ["Ingress"], ingress: [{ from: [{ podSelector: {} }] }] };
  if (kind < 6) return { ...app, policyTypes: ["Ingress"], ingress: [{ from: [tenant], ports: port }] };
  if (kind < 7)
    return {
      ...app,
      policyTypes: ["Ingress"],
      ingress: [{ from: [{ ...byName(random(namespaces)), podSelector: { matchLabels: { app: "web" } } }], ports: port }],
    };
  if (kind < 9) return { ...app, policyTypes: ["Egress"], egress: [{ to: [random(2) === 0 ? tenant : byName(random(20))], ports: port }] };
  return {
    podSelector: {},
    policyTypes: ["Egress"],
    egress: [{ to: [{ ipBlock: { cidr: `${20 + random(60)}.${random(256)}.0.0/16` } }], ports: [{ protocol: "TCP", port: 443 }] }],
  };
}

const dns = [
  { protocol: "UDP", port: 53 },
  { protocol: "TCP", port: 53 },
];
const isolated: NetworkPolicySpec = {
  podSelector: {},
  policyTypes: ["Ingress", "Egress"],
  egress: [{ to: [{ ...byName(0), podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }], ports: dns }],
};

function networkPolicy(index: number, called: string, spec: NetworkPolicySpec): KubernetesObject {
  return { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name: called, namespace: name(index) }, ...{ spec } };
}

function clusterPolicy(index: number): KubernetesObject {
  const subject = pick([
    {},
    { matchLabels: { "firebreak.dev/environment": "production" } },
    { matchLabels: { "firebreak.dev/tenant": `t${random(tenants)}` } },
  ]);
  const peer = pick([byName(random(20)).namespaceSelector, { matchLabels: { "firebreak.dev/environment": "testing" } }]);
  const rule = { action: pick(["Accept", "Deny", "Pass"]), from: [{ namespaces: peer }], protocols: [{ tcp: { destinationPort: { number: pick(ports) } } }] };
  const spec = { tier: pick(["Admin", "Baseline"]), priority: index * 10, subject: { namespaces: subject }, ingress: [rule] };
  return { apiVersion: "policy.networking.k8s.io/v1alpha2", kind: "ClusterNetworkPolicy", metadata: { name: `cluster-${index}` }, ...{ spec } };
}

function boundaries(): Boundaries {
  const of = (key: string, value: string) => ({ namespaceSelector: { matchLabels: { [key]: value } } });
  const tenant = Array.from({ length: tenants }, (_, index) => ({
    name: `t${index}`,
    spec: { type: "Tenant" as const, members: of("firebreak.dev/tenant", `t${index}`) },
  }));
  const environment = environments.map((value) => ({
    name: value,
    spec: { type: "Environment" as const, members: of("firebreak.dev/environment", value), guard: { ingress: "deny" as const } },
  }));
  const more = Array.from({ length: Math.max(0, 300 - tenants - environment.length) }, (_, index) => ({
    name: `class-${index}`,
    spec: {
      type: "DataClass" as const,
      members: of("kubernetes.io/metadata.name", name(random(namespaces))),
      guard: { ingress: "deny" as const, egress: "warn" as const },
    },
  }));
  const contract = (index: number) => ({
    name: `c${index}`,
    approved: ["from", "to"] as const,
    spec: {
      from: `t${random(tenants)}`,
      to: `t${random(tenants)}`,
      ports: [{ protocol: "TCP", port: pick(ports) }],
      justification: "",
      owner: "",
      ticket: "",
      reviewBy: "2999-01-01T00:00:00Z",
    },
  });
  return { domains: [...tenant, ...environment, ...more], contracts: Array.from({ length: 500 }, (_, index) => contract(index)) };
}

function attributesOf(object: KubernetesObject, operation: Attributes["operation"] = "CREATE", oldObject?: KubernetesObject): Attributes {
  const [group = "", version = "v1"] = object.apiVersion?.includes("/") ? object.apiVersion.split("/") : ["", "v1"];
  return {
    uid: "u",
    phase: "validating",
    operation,
    kind: { group, version, kind: object.kind ?? "" },
    resource: { group, version, resource: "" },
    subResource: "",
    namespace: object.metadata?.namespace ?? "",
    name: object.metadata?.name ?? "",
    user: { username: "bench", groups: [], extra: {} },
    dryRun: false,
    object,
    ...(oldObject === undefined ? {} : { oldObject }),
  };
}

const pod = (index: number, at: number): KubernetesObject =>
  ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: `pod-${at}`, namespace: name(index), labels: { app: apps[at % apps.length] ?? "web", "pod-template-hash": "abc" } },
    spec: { serviceAccountName: "default", containers: [{ name: "c", image: "c", ports: [{ name: "http", containerPort: 8080 }] }] },
    status: { phase: "Running" },
  }) as KubernetesObject;

const model = new ClusterModel({
  plan: { pods: addressesOf(["10.0.0.0/8"]) as Addresses, nodes: addressesOf(["10.0.0.0/8"]) as Addresses },
  standing: () => ({ enforced: true, handedDown: {} }),
});
const put = (object: KubernetesObject) =>
  model.setPolicy(compilePolicy({ group: object.apiVersion?.split("/")[0] ?? "", kind: object.kind ?? "" }, object) as Policy);

const started = performance.now();
model.setBoundaries(boundaries());
for (let index = 0; index < namespaces; index += 1) {
  model.setNamespace(name(index), labelsOf(index));
  put(networkPolicy(index, "firebreak-default-deny", isolated));
  put(networkPolicy(index, "own", someSpec(index)));
  for (let at = 0; at < podsEach; at += 1) {
    const [workload] = workloadOf(pod(index, at));
    model.setWorkload(name(index), `pod-${at}`, workload);
  }
}
for (let index = 0; index < 10; index += 1) put(clusterPolicy(index));
const shapes = (["ingress", "egress"] as const).flatMap((direction) => [...model.network.groups(direction).keys()]);
for (const shape of shapes) model.network.region(shape);
void model.map;
const buildMillis = performance.now() - started;
const builtMiB = process.memoryUsage().rss / 2 ** 20;

const kinds: Readonly<Record<string, () => Attributes>> = {
  "policy of a namespace": () => {
    const index = random(namespaces);
    return attributesOf(networkPolicy(index, pick(["own", "another"]), someSpec(index)));
  },
  "policy of a namespace, removed": () => ({ ...attributesOf(networkPolicy(random(namespaces), "own", isolated), "DELETE") }),
  "namespace, relabelled": () => {
    const index = random(namespaces);
    return attributesOf({ apiVersion: "v1", kind: "Namespace", metadata: { name: name(index), labels: labelsOf(index, random(tenants)) } }, "UPDATE");
  },
  "pod, created": () => attributesOf(pod(random(namespaces), random(1000))),
  "policy of the cluster": () => attributesOf(clusterPolicy(random(12))),
};

const times: Record<string, number[]> = {};
let [crossings, tooBig] = [0, 0];
for (let at = 0; at < changes; at += 1) {
  const [kind, make] = pick(Object.entries(kinds));
  const change = make();
  const before = performance.now();
  const effect = judgeChange(model, change, now);
  const list = times[kind] ?? [];
  times[kind] = list;
  list.push(performance.now() - before);
  crossings += effect.counts?.crossings ?? 0;
  tooBig += effect.tooBig === true ? 1 : 0;
}

const quantile = (list: readonly number[], of: number) => list[Math.min(list.length - 1, Math.floor(list.length * of))] ?? 0;
const summary = (list: number[]) => {
  list.sort((a, b) => a - b);
  return { count: list.length, p50: quantile(list, 0.5), p99: quantile(list, 0.99), max: list.at(-1) ?? 0 };
};
const all = summary(Object.values(times).flat());
process.stdout.write(
  JSON.stringify({
    namespaces,
    pods: namespaces * podsEach,
    policies: namespaces * 2 + 10,
    domains: model.boundaries.domains.length,
    contracts: model.boundaries.contracts.length,
    shapes: shapes.length,
    buildMillis,
    builtMiB,
    judgedMiB: process.memoryUsage().rss / 2 ** 20,
    crossings,
    tooBig,
    all,
    kinds: Object.fromEntries(Object.entries(times).map(([kind, list]) => [kind, summary(list)])),
  }),
);
