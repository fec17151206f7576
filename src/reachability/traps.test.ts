import { describe, expect, test } from "vitest";
import type { KubernetesObject } from "../model/kubernetes.ts";
import { addressClasses, cidrsOf } from "./address-class.ts";
import { addressesOf } from "./addresses.ts";
import { unmodelledEffect } from "./dialects/compile.ts";
import type { Endpoint } from "./endpoint.ts";
import { addressEndpoint } from "./endpoint.ts";
import { explain } from "./explain.ts";
import { inventoryOf } from "./inventory.ts";
import { certainLabels, freeLabels, selectorMatch } from "./match.ts";
import { portsBetween } from "./pair.ts";
import type { Addresses } from "./policy.ts";
import { holdsPorts, onePort, type Protocol, portWords } from "./port-set.ts";
import { type ConcreteNetwork, concreteNetwork, lineOf, reach } from "./reach.ts";

/** What people got wrong before, each as a table of what is true. */

const namespace = (name: string, labels = {}) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });

function pod(place: string, labels = {}, more: { spec?: object; status?: object; metadata?: object } = {}): KubernetesObject {
  const [ns = "", name = ""] = place.split("/");
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: ns, labels, ...more.metadata },
    ...{ spec: { containers: [], ...more.spec }, status: more.status ?? {} },
  } as KubernetesObject;
}

function policy(place: string, spec: object): KubernetesObject {
  const [ns = "", name = ""] = place.split("/");
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace: ns },
    ...{ spec: { podSelector: {}, ...spec } },
  } as KubernetesObject;
}

function clusterPolicy(name: string, spec: object): KubernetesObject {
  return {
    apiVersion: "policy.networking.k8s.io/v1alpha2",
    kind: "ClusterNetworkPolicy",
    metadata: { name },
    ...{ spec: { tier: "Admin", priority: 10, subject: { namespaces: {} }, ...spec } },
  } as KubernetesObject;
}

const named = (name: string, protocol: string, containerPort: number) => ({ spec: { containers: [{ ports: [{ name, protocol, containerPort }] }] } });

class World {
  readonly concrete: ConcreteNetwork;

  constructor(...objects: KubernetesObject[]) {
    this.concrete = concreteNetwork(inventoryOf(objects), { pods: cidr("10.0.0.0/8"), nodes: cidr("192.168.0.0/16") });
  }

  end(name: string): Endpoint {
    const addresses = addressesOf([`${name}/32`]);
    if (addresses !== undefined) return addressEndpoint(addresses);
    for (const [id, workload] of this.concrete.workloads)
      if (`${workload.namespace}/${workload.name}` === name) return this.concrete.network.endpoint(id) as Endpoint;
    throw new Error(`no ${name}`);
  }

  /** `allowed`, `denied`, or `possible` where it rests on what nobody knows. */
  says(from: string, to: string, port: string): string {
    const [protocol = "", number = ""] = port.split("/");
    const wanted = onePort(protocol as Protocol, Number(number));
    const open = (bound: "sure" | "perhaps") => holdsPorts(portsBetween(this.concrete.network, this.end(from), this.end(to), bound), wanted);
    return open("sure") ? "allowed" : open("perhaps") ? "possible" : "denied";
  }
}

function cidr(text: string): Addresses {
  return addressesOf([text]) as Addresses;
}

describe("NetworkPolicy", () => {
  test("a pod reaches itself without the network and is no connection; replicas of a workload reach each other over it", () => {
    const deployment = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", namespace: "a" },
      spec: { template: { metadata: { labels: { app: "web" } } } },
    };
    const lines = [...reach(concreteNetwork(inventoryOf([namespace("a"), deployment, pod("a/one")])))].map(lineOf);
    const pairs = lines.map(({ src, dst }) => `${src.name} ${dst.name}`);
    expect(pairs).toContain("web web");
    expect(pairs).not.toContain("one one");
  });

  test("egress of the one and ingress of the other are decided apart, and both must allow", () => {
    const world = new World(
      namespace("a"),
      namespace("b"),
      pod("a/x"),
      pod("b/y"),
      clusterPolicy("open", {
        subject: { namespaces: { matchLabels: { "kubernetes.io/metadata.name": "a" } } },
        egress: [{ action: "Accept", to: [{ namespaces: {} }] }],
      }),
      policy("b/deny", { policyTypes: ["Ingress"] }),
    );
    expect(world.says("a/x", "b/y", "TCP/80")).toBe("denied");
    expect(world.says("b/y", "a/x", "TCP/80")).toBe("allowed");
  });

  test.each([
    ["UDP", "denied"],
    ["SCTP", "allowed"],
  ])("a named port of a rule for %s means the container port of the same name and protocol: %s", (protocol, verdict) => {
    const world = new World(
      namespace("a"),
      pod("a/x"),
      pod("a/y", {}, named("new", "SCTP", 9)),
      policy("a/p", { ingress: [{ ports: [{ port: "new", protocol }] }] }),
    );
    expect(world.says("a/x", "a/y", `${protocol}/9`)).toBe(verdict);
  });

  test("a named port of egress is each destination's own, and nothing at plain addresses", () => {
    const world = new World(
      namespace("a"),
      pod("a/x", { from: "here" }),
      pod("a/y", {}, named("web", "TCP", 8080)),
      pod("a/z", {}, named("web", "TCP", 9090)),
      policy("a/p", { podSelector: { matchLabels: { from: "here" } }, policyTypes: ["Egress"], egress: [{ ports: [{ port: "web" }] }] }),
    );
    expect(world.says("a/x", "a/y", "TCP/8080")).toBe("allowed");
    expect(world.says("a/x", "a/z", "TCP/8080")).toBe("denied");
    expect(world.says("a/x", "8.8.8.8", "TCP/8080")).toBe("denied");
  });

  test("an SCTP rule is no TCP rule, and a protocol without a port is all of its ports", () => {
    const world = new World(namespace("a"), pod("a/x"), pod("a/y"), policy("a/p", { ingress: [{ ports: [{ protocol: "SCTP" }] }] }));
    expect(world.says("a/x", "a/y", "SCTP/7")).toBe("allowed");
    expect(world.says("a/x", "a/y", "TCP/7")).toBe("denied");
  });

  test("a node reaches the pods that it runs, whatever policies say: that is possible, and never certain", () => {
    const world = new World(namespace("a"), pod("a/agent", {}, { spec: { hostNetwork: true } }), pod("a/y"), policy("a/deny", { policyTypes: ["Ingress"] }));
    expect(world.says("a/agent", "a/y", "TCP/80")).toBe("possible");
  });

  test("an empty namespaceSelector means all pods, and no address outside", () => {
    const world = new World(namespace("a"), namespace("b"), pod("a/x"), pod("b/y"), policy("b/p", { ingress: [{ from: [{ namespaceSelector: {} }] }] }));
    expect(world.says("a/x", "b/y", "TCP/80")).toBe("allowed");
    expect(world.says("8.8.8.8", "b/y", "TCP/80")).toBe("denied");
  });

  test("except takes from its own block only: another block gives it back", () => {
    const world = new World(
      namespace("a"),
      pod("a/x"),
      policy("a/p", {
        policyTypes: ["Egress"],
        egress: [{ to: [{ ipBlock: { cidr: "8.0.0.0/8", except: ["8.8.0.0/16"] } }] }, { to: [{ ipBlock: { cidr: "8.8.8.0/24" } }] }],
      }),
    );
    expect(world.says("a/x", "8.8.8.8", "TCP/1")).toBe("allowed");
    expect(world.says("a/x", "8.8.9.9", "TCP/1")).toBe("denied");
  });

  test.each([
    [{ ingress: [{}] }, "allowed"],
    [{ ingress: [] }, "denied"],
    [{}, "denied"],
    [{ ingress: [{ from: [] }] }, "allowed"],
    [{ ingress: [{ from: [], ports: [] }] }, "allowed"],
    [{ policyTypes: ["Egress"], ingress: [] }, "allowed"],
  ])("absent and empty are any in a rule, and none as a list of rules: %j is %s", (spec, verdict) => {
    const selecting = { podSelector: { matchLabels: { app: "y" } }, ...spec };
    expect(new World(namespace("a"), pod("a/x"), pod("a/y", { app: "y" }), policy("a/p", selecting)).says("a/x", "a/y", "TCP/80")).toBe(verdict);
  });

  test.each([
    [{ egress: [] }, "allowed"],
    [{ egress: [{ to: [{ ipBlock: { cidr: "8.8.8.8/32" } }] }] }, "denied"],
    [{ policyTypes: [], egress: [] }, "allowed"],
  ])("without policyTypes only egress rules isolate egress: %j leaves it %s", (spec, verdict) => {
    expect(new World(namespace("a"), namespace("b"), pod("a/x"), pod("b/y"), policy("a/p", spec)).says("a/x", "b/y", "TCP/80")).toBe(verdict);
  });

  test("pods on the host network are selected by nothing and matched by blocks alone", () => {
    const world = new World(
      namespace("a"),
      pod("a/agent", { app: "agent" }, { spec: { hostNetwork: true } }),
      pod("a/y", { app: "y" }),
      policy("a/deny", { policyTypes: ["Ingress", "Egress"] }),
      policy("a/to-agent", { policyTypes: ["Egress"], egress: [{ to: [{ podSelector: { matchLabels: { app: "agent" } } }] }] }),
    );
    expect(world.says("a/agent", "8.8.8.8", "TCP/80")).toBe("allowed");
    expect(world.says("a/y", "a/agent", "TCP/80")).toBe("denied");
  });

  test("a namespace's labels count with those of its pods, and follow it when it moves", () => {
    const both = { ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: "a" } }, podSelector: { matchLabels: { app: "x" } } }] }] };
    const world = new World(namespace("a", { team: "a" }), namespace("b"), pod("a/x", { app: "x" }), pod("b/y"), policy("b/p", both));
    expect(world.says("a/x", "b/y", "TCP/80")).toBe("allowed");
    world.concrete.network.setNamespace("a", { team: "b" });
    expect(world.says("a/x", "b/y", "TCP/80")).toBe("denied");
  });

  test("a policy selects pods of its own namespace, not those with the same labels elsewhere", () => {
    const world = new World(
      namespace("a"),
      namespace("b"),
      pod("a/x", { app: "db" }),
      pod("b/y", { app: "db" }),
      policy("a/p", { podSelector: { matchLabels: { app: "db" } } }),
    );
    expect(world.says("b/y", "a/x", "TCP/80")).toBe("denied");
    expect(world.says("a/x", "b/y", "TCP/80")).toBe("allowed");
  });

  test.each([
    ["In", [], "no"],
    ["NotIn", [], "yes"],
    ["NotIn", ["x"], "no"],
    ["In", ["x"], "yes"],
    ["Exists", undefined, "yes"],
    ["DoesNotExist", undefined, "no"],
    ["Bogus", ["x"], "no"],
  ])("an expression with %s %j is what apimachinery says", (operator, values, match) => {
    const requirement = { key: "app", operator, ...(values === undefined ? {} : { values }) };
    expect(selectorMatch({ matchExpressions: [requirement] }, certainLabels({ app: "x" }))).toBe(match);
  });

  test("what a pod that does not exist yet could be is possible", () => {
    const anyPod = freeLabels(new Map());
    expect(selectorMatch({ matchLabels: { app: "x" } }, anyPod)).toBe("maybe");
    expect(selectorMatch({}, anyPod)).toBe("yes");
    expect(selectorMatch({ matchLabels: { tenant: "b" } }, freeLabels(new Map([["tenant", ["a", undefined]]])))).toBe("no");
  });

  test("rules are about ports of pods: a policy that names the port of the Service opens nothing", () => {
    const service = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "s", namespace: "a" },
      spec: { type: "LoadBalancer", selector: { app: "y" }, ports: [{ port: 80, targetPort: 8080 }] },
    };
    const behind = (port: number) => {
      const inventory = inventoryOf([namespace("a"), pod("a/y", { app: "y" }), service, policy("a/p", { ingress: [{ ports: [{ port }] }] })]);
      return [...reach(concreteNetwork(inventory), inventory.entries)].filter(({ src }) => src.kind === "LoadBalancer").map(({ ports }) => portWords(ports));
    };
    expect(behind(80)).toEqual([]);
    expect(behind(8080)).toEqual(["tcp/8080"]);
  });

  test("pods that ended are gone, whoever has their address now", () => {
    const inventory = inventoryOf([
      namespace("a"),
      pod("a/done", {}, { status: { phase: "Succeeded", podIP: "10.0.0.1" } }),
      pod("a/live", {}, { status: { podIP: "10.0.0.1" } }),
    ]);
    expect(inventory.workloads.map(({ name }) => name)).toEqual(["live"]);
  });

  test("pods of one workload with different labels are told apart", () => {
    const owned = (name: string, track: string) =>
      pod(
        `a/${name}`,
        { app: "web", track, "pod-template-hash": "abc" },
        { metadata: { ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "web-abc", uid: "u", controller: true }] } },
      );
    const { workloads } = inventoryOf([namespace("a"), owned("one", "stable"), owned("two", "canary"), owned("three", "stable")]);
    expect(workloads.map(({ name, members }) => `${name} ${members.length}`)).toEqual(["web 2", "web 1"]);
  });
});

describe("policies of the cluster", () => {
  const a = { namespaces: { matchLabels: { "kubernetes.io/metadata.name": "a" } } };
  const base = [namespace("a"), namespace("b"), pod("a/x"), pod("b/y")];

  test("a wider denial is not lost to a narrower allowance behind it", () => {
    const world = new World(
      ...base,
      clusterPolicy("deny", { priority: 1, egress: [{ action: "Deny", to: [{ networks: ["8.0.0.0/8"] }] }] }),
      clusterPolicy("allow", { priority: 2, egress: [{ action: "Accept", to: [{ networks: ["8.8.8.0/24"] }] }] }),
    );
    expect(world.says("a/x", "8.8.8.8", "TCP/80")).toBe("denied");
  });

  test.each([
    ["Accept", "allowed"],
    ["Deny", "denied"],
  ])("a peer of a kind that nobody knows closes: a rule that would %s leaves everything %s", (action, verdict) => {
    expect(new World(...base, clusterPolicy("new", { ingress: [{ action, from: [{ somethingNew: {} }] }] })).says("a/x", "b/y", "TCP/80")).toBe(verdict);
  });

  test("of two at one priority nobody knows which goes first: what either would do is possible, nothing is certain", () => {
    const world = new World(
      ...base,
      clusterPolicy("one", { ingress: [{ action: "Accept", from: [a] }] }),
      clusterPolicy("two", { ingress: [{ action: "Deny", from: [a] }] }),
      policy("b/deny", { policyTypes: ["Ingress"] }),
    );
    expect(world.says("a/x", "b/y", "TCP/80")).toBe("possible");
  });

  test("a rule that passes leaves the tier: NetworkPolicy decides, then Baseline, then all is allowed", () => {
    const pass = clusterPolicy("pass", { priority: 1, ingress: [{ action: "Pass", from: [a] }] });
    const deny = clusterPolicy("deny", { priority: 2, ingress: [{ action: "Deny", from: [a] }] });
    const baseline = clusterPolicy("base", { tier: "Baseline", ingress: [{ action: "Deny", from: [a] }] });
    expect(new World(...base, pass, deny).says("a/x", "b/y", "TCP/80")).toBe("allowed");
    expect(new World(...base, pass, deny, baseline).says("a/x", "b/y", "TCP/80")).toBe("denied");
    expect(new World(...base, pass, deny, baseline, policy("b/open", { ingress: [{}] })).says("a/x", "b/y", "TCP/80")).toBe("allowed");
  });

  test("an explanation shows the whole chain: what passed, and what then denied", () => {
    const world = new World(...base, clusterPolicy("pass", { ingress: [{ action: "Pass", from: [a] }] }), policy("b/deny", { policyTypes: ["Ingress"] }));
    const { verdict, ingress } = explain(world.concrete.network, world.end("a/x"), world.end("b/y"), onePort("TCP", 80));
    expect(verdict).toBe("denied");
    expect(ingress.steps.map(({ words, decides }) => `${decides ? "decides: " : ""}${words}`)).toEqual([
      "ClusterNetworkPolicy pass: spec.ingress[0] passes",
      "NetworkPolicy b/deny: no rule matches",
      "decides: the pod is isolated for ingress, and no policy allows it",
    ]);
  });

  test("names may be any address: what they allow is possible", () => {
    const world = new World(
      ...base,
      clusterPolicy("names", { egress: [{ action: "Accept", to: [{ domainNames: ["*.example.com"] }] }] }),
      policy("a/deny", { policyTypes: ["Egress"] }),
    );
    expect(world.says("a/x", "8.8.8.8", "TCP/443")).toBe("possible");
  });
});

test("the longest prefix says what an address is for", () => {
  expect(addressClasses(cidr("10.0.0.0/8"))).toEqual(["private"]);
  expect(addressClasses(cidr("192.0.0.9/32"))).toEqual(["anycast-service"]);
  expect(addressClasses(cidr("100.64.0.0/10"))).toEqual(["shared"]);
  expect(addressClasses(cidr("10.0.0.0/7"))).toEqual(["public", "private"]);
  expect(cidrsOf(addressesOf(["10.0.0.0/8"], ["10.128.0.0/9"]) as Addresses)).toEqual(["10.0.0.0/9"]);
  expect(cidrsOf(cidr("2001:db8::/32"))).toEqual(["2001:db8::/32"]);
});

test("dialects that are not understood are unknown, never closed: tiers, staged policies, sets, L7 and mesh rules among them", () => {
  for (const [group, kind] of [
    ["projectcalico.org", "GlobalNetworkPolicy"],
    ["projectcalico.org", "StagedNetworkPolicy"],
    ["crd.projectcalico.org", "NetworkSet"],
    ["cilium.io", "CiliumNetworkPolicy"],
  ] as const)
    expect(unmodelledEffect({ group, kind })).toBe("either way");
  expect(unmodelledEffect({ group: "security.istio.io", kind: "AuthorizationPolicy" })).toBe("only narrows");
  expect(unmodelledEffect({ group: "networking.k8s.io", kind: "NetworkPolicy" })).toBeUndefined();
});
