import { expect, test } from "vitest";
import { FirebreakProcess } from "../../tools/cluster/firebreak-process.ts";
import { eventually } from "../../tools/cluster/process.ts";
import { netAdmin, policy, type Stored, type TestBed, testBed, workload } from "./test-bed.ts";

const privileged = { hostNetwork: true, hostPID: true, containers: [{ name: "c", image: "registry.example/c:1", securityContext: { privileged: true } }] };
const meshed = {
  initContainers: [{ name: "istio-init", image: "docker.io/istio/proxyv2:1.29.0", securityContext: { capabilities: { add: ["NET_ADMIN", "NET_RAW"] } } }],
  containers: [{ name: "c", image: "registry.example/c:1" }],
};

/** What runs before Firebreak comes: the shapes of nodes' agents, of a mesh, and of people who never heard of labels. */
async function oldCluster(bed: TestBed): Promise<void> {
  for (const namespace of ["legacy", "control"]) {
    await bed.admin(["create", "namespace", namespace]);
    await bed.admin(
      ["apply", "-n", namespace, "-f", "-"],
      JSON.stringify({
        apiVersion: "v1",
        kind: "List",
        items: [
          workload("DaemonSet", "node-agent", { spec: privileged }),
          workload("Deployment", "web"),
          workload("Deployment", "sniffer", { spec: netAdmin }),
          workload("StatefulSet", "meshed", { spec: meshed }),
          policy("open", { podSelector: {}, ingress: [{}] }),
        ],
      }),
    );
  }
  await bed.admin(["create", "namespace", "labelled"]);
  await bed.admin(["label", "namespace", "labelled", "firebreak.dev/tenant=acme"]);
  await allRunning(bed, "legacy");
  await new Promise((resolve) => setTimeout(resolve, 1100));
}

const apps = ["node-agent", "web", "sniffer", "meshed"];

function allRunning(bed: TestBed, namespace: string, not: ReadonlySet<string> = new Set()): Promise<true> {
  return eventually(
    `all pods of ${namespace}`,
    async () => {
      const pods = (await bed.list("pods", "-n", namespace)).filter(
        ({ metadata, status }) => !not.has(metadata.uid) && metadata.deletionTimestamp === undefined && status.phase === "Running",
      );
      return apps.every((app) => pods.some(({ metadata }) => metadata.labels?.app === app)) ? true : undefined;
    },
    60,
  );
}

const bed = testBed({ before: oldCluster });

async function deleteAllPods(namespace: string): Promise<void> {
  const before = new Set((await bed.list("pods", "-n", namespace)).map(({ metadata }) => metadata.uid));
  await bed.admin(["delete", "pods", "--all", "-n", namespace, "--wait=false"]);
  await allRunning(bed, namespace, before);
}

/** What a Deployment has been through: the same with and without Firebreak, or a rollout happened that nobody asked for. */
async function history(namespace: string, name: string): Promise<object> {
  const deployment = await bed.get("deployment", name, "-n", namespace);
  const sets = await bed.list("replicasets", "-n", namespace, "-l", `app=${name}`);
  return { generation: deployment?.metadata.generation, collisionCount: deployment?.status.collisionCount ?? 0, replicaSets: sets.length };
}

test("on a cluster that was there before, every deleted pod comes back, and nothing was written to its namespaces", async () => {
  await deleteAllPods("legacy");
  const namespace = await bed.get("namespace", "legacy");
  expect(Object.keys(namespace?.metadata.labels ?? {})).toEqual(["kubernetes.io/metadata.name"]);
  expect((await bed.list("networkpolicies", "-n", "legacy")).map(({ metadata }) => metadata.name)).toEqual(["open"]);
  for (const { metadata } of await bed.list("pods", "-n", "legacy"))
    expect(Object.keys(metadata.labels ?? {}).filter((key) => key.startsWith("firebreak.dev/"))).toEqual([]);
});

test("a Deployment older than the webhooks is scaled, annotated and restarted as without Firebreak, also once it is enforced", async () => {
  await bed.kubectl("platform", ["label", "namespace", "legacy", "firebreak.dev/tenant=acme", "firebreak.dev/mode=enforce"]);
  await eventually("the default deny", () => bed.get("networkpolicy", "firebreak-default-deny", "-n", "legacy"));
  for (const namespace of ["legacy", "control"]) {
    await bed.admin(["scale", "deployment", "web", "--replicas=2", "-n", namespace]);
    await bed.admin(["annotate", "deployment", "web", "note=x", "-n", namespace]);
    await bed.admin(["rollout", "status", "deployment", "web", "-n", namespace, "--timeout=60s"]);
  }
  expect(await history("legacy", "web")).toEqual(await history("control", "web"));
  for (const namespace of ["legacy", "control"]) {
    await bed.admin(["rollout", "restart", "deployment", "web", "-n", namespace]);
    await bed.admin(["rollout", "status", "deployment", "web", "-n", namespace, "--timeout=60s"]);
  }
  expect(await history("legacy", "web")).toEqual(await history("control", "web"));
  const pods = (await bed.list("pods", "-n", "legacy", "-l", "app=web")).filter((item: Stored) => item.metadata.deletionTimestamp === undefined);
  for (const { metadata } of pods) expect(metadata.labels).toMatchObject({ "firebreak.dev/tenant": "acme", "firebreak.dev/app": "web" });
  const bad = await bed.kubectl("alice", ["scale", "deployment", "sniffer", "--replicas=2", "-n", "legacy"]);
  expect(bad.code, bad.stderr).toBe(0);
  await bed.kubectl("platform", ["label", "namespace", "legacy", "firebreak.dev/tenant-", "firebreak.dev/mode=observe", "--overwrite"]);
});

test("a mesh's init container is permitted in an enforced namespace, and only as itself", async () => {
  await bed.tenantNamespace("mesh");
  const good = await bed.create("alice", workload("Deployment", "good", { spec: meshed }), "-n", "mesh");
  expect(good.code, good.stderr).toBe(0);
  const disguised = { ...meshed, initContainers: meshed.initContainers.map((container) => ({ ...container, image: "docker.io/istio/proxyv2-evil:1" })) };
  expect((await bed.create("alice", workload("Deployment", "bad", { spec: disguised }), "-n", "mesh")).stderr).toContain("[SEG-OP-003]");
});

test("with Firebreak dead, the old namespaces go on; an enforced one waits and says for whom", async () => {
  await bed.tenantNamespace("guarded");
  await bed.create(
    "alice",
    workload("DaemonSet", "critical", { spec: { containers: [{ name: "c", image: "registry.example/c:1" }], priorityClassName: "system-node-critical" } }),
    "-n",
    "guarded",
  );
  await bed.firebreak.stop("SIGKILL");
  await deleteAllPods("legacy");
  await bed.admin(["annotate", "namespace", "labelled", "guarded", "legacy", "note=x"]);
  const plain = await bed.kubectl("probe", ["create", "namespace", "plain"]);
  expect(plain.code, plain.stderr).toBe(0);
  const guarded = await bed.create("alice", workload("Deployment", "web"), "-n", "guarded");
  expect(guarded.stderr).toContain("firebreak.dev");
  expect(guarded.code).not.toBe(0);
  bed.firebreak = await FirebreakProcess.start(bed.cluster, { name: "second" });
  const again = await bed.create("alice", workload("Deployment", "web"), "-n", "guarded");
  expect(again.code, again.stderr).toBe(0);
  const told = await eventually("the warning of what nodes need", async () =>
    (await bed.firebreak.lines()).find(({ alarm }) => alarm === "guarded-node-component"),
  );
  expect(told).toMatchObject({ daemonSets: ["guarded/critical"] });
});
