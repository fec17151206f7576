import { expect, test } from "vitest";
import { specDigest } from "../../src/exemptions/digest.ts";
import type { FlowContract, FlowContractSpec } from "../../src/model/security-domain.ts";
import { eventually } from "../../tools/cluster/process.ts";
import { minimalCrds } from "../packs/minimal-crds.ts";
import { pod, policy, rulesIn, testBed, workload } from "./test-bed.ts";

const bed = testBed({
  before: async (one) => {
    const bind = (name: string, role: string, group: string) =>
      one.admin(["create", "clusterrolebinding", name, `--clusterrole=firebreak-${role}`, `--group=${group}`]);
    await bind("requesters", "request-contracts", "acme-developers");
    for (const group of ["acme-developers", "security-team", "platform-team"]) await bind(`approvers-${group}`, "approve-contracts", group);
    for (const group of ["security-team", "platform-team"]) await bind(`declarers-${group}`, "declare-domains", group);
    await one.admin(["create", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items: minimalCrds }));
  },
});

const inDays = (days: number) => new Date(Date.now() + days * 24 * 3_600_000).toISOString();

function domain(name: string, spec: object): object {
  return { apiVersion: "firebreak.dev/v1alpha1", kind: "SecurityDomain", metadata: { name }, spec };
}

function tenant(name: string, owners: string): object {
  return domain(name, {
    type: "Tenant",
    members: { namespaceSelector: { matchLabels: { "firebreak.dev/tenant": name } } },
    owners: [{ kind: "Group", name: owners }],
  });
}

function contract(name: string, fields: Partial<FlowContractSpec> = {}): object {
  const spec = {
    from: "acme",
    to: "zenith",
    ports: [{ protocol: "TCP", port: 443 }],
    justification: "orders are paid",
    owner: "alice",
    ticket: "T-1",
    reviewBy: inDays(30),
    ...fields,
  };
  return { apiVersion: "firebreak.dev/v1alpha1", kind: "FlowContract", metadata: { name }, spec };
}

function approval(name: string, side: string, specDigestOf: string): object {
  return { apiVersion: "firebreak.dev/v1alpha1", kind: "FlowContractApproval", metadata: { name }, spec: { contract: "pay", side, specDigest: specDigestOf } };
}

const outOfShop = policy("to-billing", {
  podSelector: { matchLabels: { app: "web" } },
  policyTypes: ["Egress"],
  egress: [{ to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "billing" } } }], ports: [{ port: 443 }] }],
});

function intoBilling(name: string, port: number): object {
  return policy(name, {
    podSelector: { matchLabels: { app: "pay" } },
    policyTypes: ["Ingress"],
    ingress: [{ from: [{ namespaceSelector: { matchLabels: { "firebreak.dev/tenant": "acme" } } }], ports: [{ port }] }],
  });
}

test("Tenants do not overlap; whoever declares one that would is told both names", async () => {
  await bed.tenantNamespace("shop");
  await bed.tenantNamespace("billing", { "firebreak.dev/tenant": "zenith" });
  expect((await bed.create("security", tenant("acme", "security-team"))).code).toBe(0);
  expect((await bed.create("platform", tenant("zenith", "platform-team"))).code).toBe(0);
  const both = domain("everyone", { type: "Tenant", members: { namespaceSelector: {} }, owners: [] });
  const refused = await eventually("the domains to be known", async () => {
    const { stderr } = await bed.create("security", both, "--dry-run=server");
    return stderr.includes("everyone and") ? stderr : undefined;
  });
  expect(refused).toMatch(/the Tenants everyone and (acme|zenith) would both hold the namespace (shop|billing)/);
  expect((await bed.create("security", domain("nowhere", { type: "Tenant" }))).stderr).toContain("External domain has cidrs and no members");
});

test("each side alone opens nothing; the change that opens the way between Tenants is refused, with flow, rule, fix and owner", async () => {
  expect((await bed.create("alice", outOfShop, "-n", "shop")).stderr).not.toContain("SEG-DM");
  const opening = await eventually("the first policy to be known", async () => {
    const { code, stderr } = await bed.create("alice", intoBilling("from-acme", 443), "-n", "billing", "--dry-run=server");
    return code === 1 ? stderr : undefined;
  });
  expect(rulesIn(opening).denied).toEqual(["SEG-DM-002"]);
  expect(opening).toContain("opens billing from shop on tcp/443");
  expect(opening).toContain("spec.ingress[0]");
  expect(opening).toMatch(/FlowContract with (platform-team|security-team)/);
  // A port that the other side does not open reaches nothing.
  expect((await bed.create("alice", intoBilling("other-port", 9999), "-n", "billing")).stderr).not.toContain("SEG-DM");
});

test("a contract carries the flow once owners of both sides, and not who asked, approved it as it stands", async () => {
  const asked = await bed.create("alice", contract("pay"));
  expect(asked.stderr).toContain("an owner of acme and one of zenith must approve it");
  const stored = await bed.get<FlowContract>("flowcontract", "pay");
  expect(stored?.spec?.requestedBy).toBe("alice");
  const digest = specDigest(stored?.spec as FlowContractSpec);
  expect((await bed.create("alice", approval("self", "from", digest))).stderr).toContain("alice asked for pay: somebody else must approve it");
  expect((await bed.create("security", approval("wrong-side", "to", digest))).stderr).toContain(
    "sam does not own zenith: have somebody of platform-team approve it",
  );
  expect((await bed.create("security", approval("stale", "from", `sha256:${"0".repeat(64)}`))).stderr).toContain("read it again before you approve");
  expect((await bed.create("security", approval("by-sam", "from", digest))).code).toBe(0);
  expect((await bed.create("alice", intoBilling("from-acme", 443), "-n", "billing")).code).toBe(1);
  expect((await bed.create("platform", approval("by-pat", "to", digest))).code).toBe(0);
  await eventually("the contract to carry the flow", async () =>
    (await bed.create("alice", intoBilling("from-acme", 443), "-n", "billing")).code === 0 ? true : undefined,
  );
  await eventually("its status", async () => ((await bed.get("flowcontract", "pay"))?.status?.phase === "Active" ? true : undefined));
});

test("an edit voids the approvals: what it carried stays, and cannot be widened", async () => {
  await bed.admin(["patch", "flowcontract", "pay", "--type=merge", "-p", JSON.stringify({ spec: { ports: [{ protocol: "TCP", port: 444 }] } })]);
  const widened = {
    ...outOfShop,
    spec: {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [{ to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "billing" } } }] }],
    },
  };
  const refused = await eventually("the contract to carry nothing", async () => {
    const { code, stderr } = await bed.kubectl("alice", ["replace", "--dry-run=server", "-n", "shop", "-f", "-"], JSON.stringify(widened));
    return code === 1 ? stderr : undefined;
  });
  expect(rulesIn(refused).denied).toEqual(["SEG-DM-002"]);
  // The policy as it stands is written again, and closing it again is nobody's business.
  expect((await bed.kubectl("alice", ["replace", "-n", "shop", "-f", "-"], JSON.stringify(outOfShop))).code).toBe(0);
  expect((await bed.kubectl("alice", ["delete", "networkpolicy", "to-billing", "-n", "shop"])).code).toBe(0);
});

test("a namespace that moves is judged by what it takes along, and by the owners of where it goes", async () => {
  expect(
    (
      await bed.create(
        "security",
        domain("card", {
          type: "DataClass",
          members: { namespaceSelector: { matchLabels: { data: "card" } } },
          owners: [{ kind: "Group", name: "security-team" }],
          guard: { ingress: "deny" },
        }),
      )
    ).code,
  ).toBe(0);
  await bed.tenantNamespace("vault");
  const moving = await eventually("the domain to be known", async () => {
    const { code, stderr } = await bed.kubectl("alice", ["label", "namespace", "vault", "data=card", "--dry-run=server"]);
    return code === 1 ? stderr : undefined;
  });
  expect(moving).toContain("SEG-ID-004 the namespace would join DataClass card, and alice does not own it");
  // Whoever may change segmentation labels may; the namespace's own way in from its tenant is what the move would open.
  await bed.create(
    "alice",
    policy("from-shop", {
      podSelector: {},
      policyTypes: ["Ingress"],
      ingress: [{ from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "shop" } } }], ports: [{ port: 443 }] }],
    }),
    "-n",
    "vault",
  );
  await bed.create(
    "alice",
    policy("to-vault", {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [{ to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "vault" } } }] }],
    }),
    "-n",
    "shop",
  );
  await bed.admin(["create", "clusterrolebinding", "relabellers", "--clusterrole=firebreak-change-segmentation-labels", "--group=platform-team"]);
  const carried = await eventually("what the move takes along", async () => {
    const { code, stderr } = await bed.kubectl("platform", ["label", "namespace", "vault", "data=card", "--dry-run=server"]);
    return code === 1 && !stderr.includes("SEG-ID-004") ? stderr : undefined;
  });
  expect(rulesIn(carried).denied).toEqual(["SEG-DM-004"]);
  expect(carried).toContain("opens vault from shop on tcp/443: into card without a contract");
});

test("members carry the labels of their domains, and keep their own", async () => {
  const labels = { "acme.example/data": "card", "acme.example/kept": "domain" };
  const members = { namespaceSelector: { matchLabels: { "firebreak.dev/tenant": "acme" } }, podSelector: { matchLabels: { data: "card" } } };
  expect((await bed.create("security", domain("stamped", { type: "DataClass", members, labels }))).code).toBe(0);
  const stamped = await eventually("a stamped pod", async () => {
    const made = await bed.create(
      "alice",
      pod("member", { labels: { data: "card", "acme.example/kept": "own" } }),
      "-n",
      "shop",
      "--dry-run=server",
      "-o",
      "json",
    );
    const found = JSON.parse(made.stdout || "{}").metadata?.labels;
    return found?.["acme.example/data"] === undefined ? undefined : found;
  });
  expect(stamped).toMatchObject({ "acme.example/data": "card", "acme.example/kept": "own", "firebreak.dev/tenant": "acme" });
  const other = await bed.create("alice", pod("other", { labels: { data: "none" } }), "-n", "shop", "--dry-run=server", "-o", "json");
  expect(JSON.parse(other.stdout).metadata.labels).not.toHaveProperty(["acme.example/data"]);
});

test("policies of other dialects are not understood, and stand in nobody's way", async () => {
  const foreign = [
    ["crd.projectcalico.org/v1", "NetworkPolicy"],
    ["crd.projectcalico.org/v1", "GlobalNetworkPolicy"],
    ["cilium.io/v2", "CiliumNetworkPolicy"],
    ["cilium.io/v2", "CiliumClusterwideNetworkPolicy"],
    ["security.istio.io/v1", "AuthorizationPolicy"],
  ] as const;
  for (const [apiVersion, kind] of foreign) {
    const { code, stderr } = await bed.create("admin", {
      apiVersion,
      kind,
      metadata: { name: "some", namespace: "vault" },
      spec: { selector: { app: "web" } },
    });
    expect(code, stderr).toBe(0);
    // Boundaries are guarded here: of what may open one either way, that is told; a mesh only narrows.
    expect(stderr.includes("SEG-DM-002"), stderr).toBe(!apiVersion.includes("istio"));
  }
  const ordinary = policy("own", { podSelector: {}, policyTypes: ["Ingress"], ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 8080 }] }] });
  expect((await bed.create("alice", ordinary, "-n", "vault")).code).toBe(0);
  expect((await bed.create("alice", workload("Deployment", "web"), "-n", "vault")).code).toBe(0);
});

test("what is stored is judged again: a boundary that two good changes opened together is found, with both decisions", async () => {
  const pairs = Array.from({ length: 12 }, (_, index) => 5000 + index);
  const alarms = async () => (await bed.firebreak.lines()).filter((line) => line["alarm"] === "boundary");
  for (const port of pairs) {
    const out = policy(`out-${port}`, {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [{ to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "billing" } } }], ports: [{ port }] }],
    });
    await Promise.all([bed.create("alice", out, "-n", "shop"), bed.create("alice", intoBilling(`in-${port}`, port), "-n", "billing")]);
    if ((await alarms()).length > 0) break;
  }
  const both = (await bed.list("networkpolicy", "-A"))
    .filter(({ metadata }) => /^(in|out)-5\d+$/.test(metadata.name))
    .map(({ metadata }) => metadata.name.replace(/^\w+-/, ""));
  const together = [...new Set(both.filter((port, index) => both.indexOf(port) !== index))];
  if (together.length === 0) return expect(await alarms()).toEqual([]);
  const [found] = await eventually("the alarm", async () => ((await alarms()).length > 0 ? alarms() : undefined));
  expect(found?.["domain"]).toMatch(/acme|zenith/);
  expect(found?.["decisions"]).toHaveLength(2);
});
