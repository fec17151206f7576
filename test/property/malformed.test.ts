import fc from "fast-check";
import { expect, test } from "vitest";
import type { Attributes } from "../../src/model/attributes.ts";
import type { KubernetesObject } from "../../src/model/kubernetes.ts";
import { ClusterModel } from "../../src/reachability/cluster-model.ts";
import { inventoryOf } from "../../src/reachability/inventory.ts";
import { judgeChange } from "../../src/reachability/judge-change.ts";
import { concreteNetwork, reach, unannounced } from "../../src/reachability/reach.ts";
import { size } from "../size.ts";
import { adminNetworkPolicy, clusterNetworkPolicy, networkPolicy } from "./clusters.ts";

const rubbish = fc.oneof(
  fc.constant(null),
  fc.integer(),
  fc.string(),
  fc.boolean(),
  fc.constant([]),
  fc.constant({}),
  fc.constant([null]),
  fc.constant([7]),
  fc.constant({ a: null }),
);
const policies = fc.oneof(networkPolicy("p"), clusterNetworkPolicy("p"), adminNetworkPolicy("p", false)) as fc.Arbitrary<KubernetesObject>;

/** An object in which something, somewhere, is something else. */
const broken = fc.tuple(policies, fc.infiniteStream(fc.nat()), rubbish).map(([object, numbers, instead]): KubernetesObject => {
  const copy = JSON.parse(JSON.stringify(object));
  let at = copy as Record<string, unknown>;
  for (;;) {
    const keys = Object.keys(at).filter((key) => !["apiVersion", "kind", "metadata"].includes(key));
    const key = keys[(numbers.next().value ?? 0) % Math.max(1, keys.length)];
    if (key === undefined) return copy;
    const next = at[key];
    if (typeof next !== "object" || next === null || (numbers.next().value ?? 0) % 4 === 0) {
      at[key] = instead;
      return copy;
    }
    at = next as Record<string, unknown>;
  }
});

const namespaces = ["a", "b"].map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels: { app: "x" } } }));

test("an object that holds anything anywhere is judged, and listed, without a crash", { timeout: 300_000 }, () => {
  fc.assert(
    fc.property(broken, policies, (object, other) => {
      const inventory = inventoryOf([...namespaces, other, { apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace: "a" } }]);
      const domains = [{ name: "d", spec: { type: "DataClass" as const, members: { namespaceSelector: {} }, guard: { ingress: "deny" as const } } }];
      const model = ClusterModel.of(inventory, { plan: unannounced, standing: () => ({ enforced: true, handedDown: {} }) }, { domains, contracts: [] });
      expect(judgeChange(model, attributesOf(object), new Date())).toBeDefined();
      expect([...reach(concreteNetwork(inventoryOf([...namespaces, object])))]).toBeDefined();
    }),
    { numRuns: size(3000, 50_000) },
  );
});

test("thousands of rules with a port each are judged, coarser and never closed", { timeout: 60_000 }, () => {
  const ports = Array.from({ length: 3000 }, (_, index) => 1000 + 2 * index);
  const ingress = ports.map((port) => ({ from: [{ namespaceSelector: {} }], ports: [{ port, protocol: "TCP" }] }));
  const big = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "big", namespace: "a" },
    spec: { podSelector: {}, policyTypes: ["Ingress"], ingress },
  };
  const inventory = inventoryOf(namespaces);
  const model = ClusterModel.of(inventory, { plan: unannounced, standing: () => ({ enforced: true, handedDown: {} }) }, { domains: [], contracts: [] });
  const deny = { ...big, metadata: { name: "deny", namespace: "a" }, spec: { podSelector: {}, policyTypes: ["Ingress"] } };
  judgeChange(model, attributesOf(deny), new Date());
  const opened = judgeChange(model, attributesOf(big), new Date());
  expect(
    opened.closed?.some(
      ({ from: { kind }, ports: closed }) => kind === "pods" && closed.some(({ protocol, from, to }) => protocol === "TCP" && from <= 1000 && to >= 1000),
    ),
  ).toBe(false);
  expect(opened.tooBig).toBeUndefined();
});

function attributesOf(object: KubernetesObject): Attributes {
  const [group = "", version = ""] = object.apiVersion?.split("/") ?? [];
  return {
    uid: "u",
    phase: "validating",
    operation: "CREATE",
    kind: { group, version, kind: object.kind ?? "" },
    resource: { group, version, resource: "" },
    subResource: "",
    namespace: object.metadata?.namespace ?? "",
    name: object.metadata?.name ?? "",
    user: { username: "alice", groups: [], extra: {} },
    dryRun: false,
    object,
  };
}
