import { expect, test } from "vitest";
import type { Attributes } from "../model/attributes.ts";
import type { KubernetesObject, LabelSelector } from "../model/kubernetes.ts";
import { type Boundaries, contractPhase, type RecordedContract, type SecurityDomainSpec } from "../model/security-domain.ts";
import { ClusterModel } from "./cluster-model.ts";
import { inventoryOf } from "./inventory.ts";
import { judgeChange } from "./judge-change.ts";
import { unannounced } from "./reach.ts";

const now = new Date("2026-01-01T00:00:00Z");

function model(
  domains: Boundaries["domains"],
  contracts: readonly RecordedContract[] = [],
  objects: readonly KubernetesObject[] = [],
  enforced = true,
): ClusterModel {
  const namespaces = ["shop", "pay", "lab"].map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels: { place: name } } }));
  return ClusterModel.of(
    inventoryOf([...namespaces, ...objects]),
    { plan: unannounced, standing: () => ({ enforced, handedDown: {} }) },
    { domains, contracts },
  );
}

const at = (place: string): { namespaceSelector: LabelSelector } => ({ namespaceSelector: { matchLabels: { place } } });

function domain(name: string, spec: Partial<SecurityDomainSpec> = {}): Boundaries["domains"][number] {
  return { name, spec: { type: "DataClass", members: at(name), guard: { ingress: "deny", egress: "deny" }, ...spec } };
}

function contract(fields: Partial<RecordedContract["spec"]>, approved: RecordedContract["approved"] = ["from", "to"]): RecordedContract {
  const spec = { from: "shop", to: "pay", justification: "j", owner: "o", ticket: "t", reviewBy: "2026-06-01T00:00:00Z", ...fields };
  return { name: "c", spec, approved };
}

function put(namespace: string, name: string, spec: object, operation: Attributes["operation"] = "CREATE"): Attributes {
  const object = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name, namespace }, spec } as KubernetesObject;
  return {
    uid: "u",
    phase: "validating",
    operation,
    kind: { group: "networking.k8s.io", version: "v1", kind: "NetworkPolicy" },
    resource: { group: "networking.k8s.io", version: "v1", resource: "networkpolicies" },
    subResource: "",
    namespace,
    name,
    user: { username: "alice", groups: [], extra: {} },
    dryRun: false,
    ...(operation === "DELETE" ? { oldObject: object } : { object }),
  };
}

const closed = (namespace: string): KubernetesObject =>
  ({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "deny", namespace },
    spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
  }) as KubernetesObject;

const fromShop = { podSelector: {}, policyTypes: ["Ingress"], ingress: [{ from: [at("shop")], ports: [{ port: 443 }] }] };

function crossed(cluster: ClusterModel, change: Attributes): string[] {
  return (judgeChange(cluster, change, now).crossings ?? []).map(
    ({ domain: name, direction, portWords, guard }) => `${guard} ${direction} ${name} ${portWords}`,
  );
}

test("nothing is guarded until somebody says so, but Tenants where namespaces are enforced", () => {
  const open = (guard: SecurityDomainSpec["guard"], type: SecurityDomainSpec["type"], enforced: boolean) => {
    const spec = { type, members: at("pay"), ...(guard === undefined ? {} : { guard }) };
    return crossed(model([{ name: "pay", spec }], [], [closed("pay")], enforced), put("pay", "in", fromShop));
  };
  expect(open(undefined, "DataClass", true)).toEqual([]);
  expect(open(undefined, "Tenant", true)).toEqual(["deny ingress pay tcp/443"]);
  expect(open(undefined, "Tenant", false)).toEqual([]);
  expect(open({ ingress: "warn" }, "Tenant", false)).toEqual(["warn ingress pay tcp/443"]);
  expect(open({ ingress: "none" }, "Tenant", true)).toEqual([]);
});

test.each([
  ["all that it opens", contract({}), []],
  ["other ports", contract({ ports: [{ protocol: "TCP", port: 80 }] }), ["deny ingress pay tcp/443"]],
  ["a range around it", contract({ ports: [{ protocol: "TCP", port: 400, endPort: 500 }] }), []],
  ["the other way", contract({ from: "pay", to: "shop" }), ["deny ingress pay tcp/443"]],
  ["what one side approved", contract({}, ["from"]), ["deny ingress pay tcp/443"]],
  ["what is overdue", contract({ reviewBy: "2025-12-31T23:59:59Z" }), ["deny ingress pay tcp/443"]],
  ["what ends on no day", contract({ reviewBy: "soon" }), ["deny ingress pay tcp/443"]],
])("a contract about %s", (_, each, expected) => {
  const domains = [domain("pay", { guard: { ingress: "deny" } }), domain("shop", { guard: {} })];
  expect(crossed(model(domains, [each], [closed("pay")]), put("pay", "in", fromShop))).toEqual(expected);
  expect(["Active", "Pending", "Expired"]).toContain(contractPhase(each, now));
});

test("what goes on within a domain, or between what a larger one holds, does not leave it", () => {
  const family = [domain("all", { members: at("nowhere") }), domain("pay", { parent: "all", guard: {} }), domain("shop", { parent: "all", guard: {} })];
  expect(crossed(model(family, [], [closed("pay")]), put("pay", "in", fromShop))).toEqual([]);
  const lab = { ...fromShop, ingress: [{ from: [at("lab")] }] };
  expect(crossed(model(family, [], [closed("pay")]), put("pay", "in", lab))).toEqual(["deny ingress all any port"]);
});

test("a way out to addresses crosses too, unless an External domain with a contract holds them", () => {
  const out = { podSelector: {}, policyTypes: ["Egress"], egress: [{ to: [{ ipBlock: { cidr: "8.8.8.0/24" } }], ports: [{ port: 443 }] }] };
  const domains = [domain("pay", { guard: { egress: "deny" } }), { name: "partner", spec: { type: "External" as const, cidrs: ["8.8.8.0/25"] } }];
  const given = [contract({ from: "pay", to: "partner" })];
  const found = judgeChange(model(domains, given, [closed("pay")]), put("pay", "out", out), now).crossings ?? [];
  expect(found.map(({ to }) => to.cidrs)).toEqual([["8.8.8.128/25"]]);
});

test("members may be chosen pod by pod: what opens a way to them crosses, what opens one to others does not", () => {
  const cards = domain("cards", { members: { ...at("pay"), podSelector: { matchLabels: { data: "card" } } }, guard: { ingress: "deny" } });
  const to = (labels: Record<string, string>) => put("pay", "in", { ...fromShop, podSelector: { matchLabels: labels } });
  expect(crossed(model([cards], [], [closed("pay")]), to({ data: "card" }))).toEqual(["deny ingress cards tcp/443"]);
  expect(crossed(model([cards], [], [closed("pay")]), to({ data: "none" }))).toEqual([]);
  // Labels of pods are for anybody to choose: a pod of the domain may carry this one too.
  expect(crossed(model([cards], [], [closed("pay")]), to({ app: "web" }))).toEqual(["deny ingress cards tcp/443"]);
});

test("a removal crosses where it opens: the last isolating policy, and no other", () => {
  const spec = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };
  const tenants = [domain("pay"), domain("shop")];
  const removal = put("pay", "deny", spec, "DELETE");
  expect(crossed(model(tenants, [], [closed("pay")]), removal)).not.toEqual([]);
  const second = { ...closed("pay"), metadata: { name: "deny-too", namespace: "pay" } };
  expect(crossed(model(tenants, [], [closed("pay"), second]), removal)).toEqual([]);
});

test("a removal that opens workloads which run is seen, though pods that could be were open before", () => {
  const db = { apiVersion: "v1", kind: "Pod", metadata: { name: "db", namespace: "pay", labels: { app: "db" } } };
  const own = { podSelector: { matchLabels: { app: "db" } }, policyTypes: ["Ingress"] };
  const standing = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name: "db", namespace: "pay" }, spec: own } as KubernetesObject;
  const found = judgeChange(model([domain("pay")], [], [standing, db]), put("pay", "db", own, "DELETE"), now);
  expect(found.opened?.map(({ to }) => to.words)).toContain("pay/db");
  expect(found.crossings?.length).toBeGreaterThan(0);
});

test("what stands is judged by what would be closed without it", () => {
  const standing = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "in", namespace: "pay" },
    spec: fromShop,
  } as KubernetesObject;
  expect(crossed(model([domain("pay", { guard: { ingress: "deny" } })], [], [closed("pay"), standing]), put("pay", "in", fromShop, "AUDIT"))).toEqual([
    "deny ingress pay tcp/443",
  ]);
});

test("what is not understood is told of where something is guarded, and nowhere else", () => {
  const calico = { ...put("pay", "x", {}), kind: { group: "projectcalico.org", version: "v3", kind: "NetworkPolicy" } };
  expect(judgeChange(model([domain("pay")]), calico, now)).toEqual({ unknown: [{ kind: "NetworkPolicy", namespace: "pay", name: "x" }] });
  expect(judgeChange(model([]), calico, now)).toEqual({});
  expect(judgeChange(model([domain("pay")]), { ...calico, operation: "AUDIT" }, now)).toEqual({});
  expect(judgeChange(model([domain("pay")]), { ...calico, kind: { ...calico.kind, group: "security.istio.io" } }, now)).toEqual({});
});
