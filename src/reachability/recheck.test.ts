import { expect, test } from "vitest";
import type { Decision } from "../model/decision.ts";
import type { NetworkPolicy } from "../model/kubernetes.ts";
import { ClusterModel } from "./cluster-model.ts";
import { compileNetworkPolicy } from "./dialects/network-policy/compile.ts";
import { unannounced } from "./reach.ts";
import { Recheck } from "./recheck.ts";

const now = new Date();

function policy(namespace: string, name: string, spec: NetworkPolicy["spec"]): NetworkPolicy {
  return { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name, namespace }, ...(spec === undefined ? {} : { spec }) };
}

const toward = (namespace: string) => ({ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } } });
const out = policy("a", "out", { podSelector: {}, policyTypes: ["Egress"], egress: [{ to: [toward("b")], ports: [{ port: 80 }] }] });
const into = policy("b", "into", { podSelector: {}, policyTypes: ["Ingress"], ingress: [{ from: [toward("a")], ports: [{ port: 80 }] }] });

function twoTenants(): ClusterModel {
  const model = new ClusterModel({ plan: unannounced, standing: () => ({ enforced: true, handedDown: {} }) });
  model.setBoundaries({
    domains: ["a", "b"].map((name) => ({ name, spec: { type: "Tenant", members: { namespaceSelector: { matchLabels: { tenant: name } } } } })),
    contracts: [],
  });
  for (const name of ["a", "b"]) {
    model.setNamespace(name, { tenant: name, "kubernetes.io/metadata.name": name });
    model.setPolicy(compileNetworkPolicy(policy(name, "deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] })));
  }
  return model;
}

function decided(id: string, { metadata }: NetworkPolicy): Decision {
  const attributes = {
    kind: { group: "networking.k8s.io", version: "v1", kind: "NetworkPolicy" },
    namespace: metadata?.namespace,
    name: metadata?.name,
    dryRun: false,
  };
  return { id, outcome: "allowed", attributes } as Decision;
}

test("two changes that are good alone and open a boundary together are found when the second is stored, with both decisions", () => {
  const [model, recheck] = [twoTenants(), new Recheck()];
  recheck.remember(decided("first", out));
  recheck.remember(decided("second", into));
  const stored = (each: NetworkPolicy) => {
    const compiled = compileNetworkPolicy(each);
    const found = recheck.look(model, { type: "policy", reference: compiled.reference, policy: compiled }, now);
    model.setPolicy(compiled);
    return found;
  };
  expect(stored(out)).toEqual([]);
  const found = stored(into);
  expect(found.map(({ crossing }) => crossing.domain).sort()).toEqual(["a", "b"]);
  for (const { crossing, decisions } of found) {
    expect(crossing.words).toBe("b from a on tcp/80");
    expect(decisions.toSorted()).toEqual(["first", "second"]);
  }
  // What is open already is not opened again.
  expect(stored(into)).toEqual([]);
});

test("a namespace that is born closed opens nothing, whatever others allow it", () => {
  const [model, recheck] = [twoTenants(), new Recheck()];
  model.setPolicy(
    compileNetworkPolicy(policy("b", "from-all", { podSelector: {}, policyTypes: ["Ingress"], ingress: [{ from: [{ namespaceSelector: {} }] }] })),
  );
  expect(recheck.look(model, { type: "namespace", name: "c", labels: { tenant: "a" } }, now)).toEqual([]);
});
