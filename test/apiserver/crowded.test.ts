import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { pod, testBed } from "./test-bed.ts";

/** So few seats that a callback would wait behind the reviews that wait for it, had it none of its own. */
const bed = testBed({ apiServerFlags: ["--max-requests-inflight=20", "--max-mutating-requests-inflight=10"] });

/** The GitOps tool of this test may create namespaces for tenants. */
const powers = ["cluster-admin", "firebreak-change-segmentation-labels"].map((role) => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRoleBinding",
  metadata: { name: `deployer-${role}` },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
  subjects: [{ kind: "ServiceAccount", name: "deployer", namespace: "gitops" }],
}));

function list(items: readonly object[]): string {
  return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}

/** When the first object of a resource was stored in a namespace, from the API server's own audit log: a later update of a policy does not count. */
async function created(): Promise<Map<string, number>> {
  const times = new Map<string, number>();
  for (const line of (await readFile(bed.cluster.path("audit.log"), "utf8")).split("\n").filter((text) => text.includes('"code":201'))) {
    const { objectRef, stageTimestamp } = JSON.parse(line) as { objectRef?: { resource: string; namespace?: string }; stageTimestamp: string };
    const key = `${objectRef?.resource} ${objectRef?.namespace}`;
    // Microseconds: two objects of one namespace are stored within one millisecond at times.
    const time = Date.parse(stageTimestamp) * 1000 + Number(stageTimestamp.slice(23, 26));
    times.set(key, Math.min(time, times.get(key) ?? Number.POSITIVE_INFINITY));
  }
  return times;
}

test("a hundred pods by one service account in a hundred fresh namespaces are all stored, none by timeout", async () => {
  await bed.admin(["apply", "-f", "-"], list(powers));
  await bed.cluster.addServiceAccount("gitops", "gitops", "deployer");
  const names = Array.from({ length: 100 }, (_, index) => `crowd-${index}`);
  const tenants = names.map((name) => [
    { apiVersion: "v1", kind: "Namespace", metadata: { name, labels: { "firebreak.dev/tenant": "acme" } } },
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: name } },
    { ...pod("p"), metadata: { name: "p", namespace: name, labels: { component: "x", owner: "x" } } },
  ]);
  const batches = Array.from({ length: 20 }, (_, batch) => list(tenants.filter((_tenant, index) => index % 20 === batch).flat()));
  const answers = await Promise.all(batches.map((batch) => bed.kubectl("gitops", ["apply", "--server-side", "-f", "-"], batch)));
  for (const { code, stderr } of answers) expect(code, stderr).toBe(0);
  const pods = await bed.list("pods", "-A", "--field-selector=metadata.name=p");
  expect(pods).toHaveLength(100);
  const stored = await created();
  for (const name of names) expect(stored.get(`networkpolicies ${name}`), name).toBeLessThan(stored.get(`pods ${name}`) ?? 0);
  const log = await readFile(bed.cluster.path("kube-apiserver.log"), "utf8");
  expect(log).not.toMatch(/failed calling webhook|context deadline exceeded.*firebreak/);
  const undecided = (await bed.firebreak.lines()).filter(({ decision }) => (decision as { outcome?: string } | undefined)?.outcome === "undecided");
  expect(undecided).toEqual([]);
});
