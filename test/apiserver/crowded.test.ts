import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { pod, testBed } from "./test-bed.ts";

/** So few seats that a callback would wait behind the reviews that wait for it, had it none of its own. */
const bed = testBed({ apiServerFlags: ["--max-requests-inflight=20", "--max-mutating-requests-inflight=10"] });

test("a hundred pods by one service account in a hundred fresh namespaces are all stored, none by timeout", async () => {
  const names = Array.from({ length: 100 }, (_, index) => `crowd-${index}`);
  const namespaces = names.map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels: { "firebreak.dev/tenant": "acme" } } }));
  const accounts = names.map((namespace) => ({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace } }));
  const list = (items: object[]) => JSON.stringify({ apiVersion: "v1", kind: "List", items });
  await bed.admin(["apply", "-f", "-"], list([...namespaces, ...accounts]));
  await bed.cluster.addServiceAccount("gitops", "gitops", "deployer");
  const pods = names.map((namespace) => ({ ...pod("p"), metadata: { name: "p", namespace, labels: { component: "x", owner: "x" } } }));
  const batches = Array.from({ length: 20 }, (_, batch) => list(pods.filter((_, index) => index % 20 === batch)));
  const answers = await Promise.all(batches.map((batch) => bed.kubectl("gitops", ["create", "-f", "-"], batch)));
  for (const { code, stderr } of answers) expect(code, stderr).toBe(0);
  expect((await bed.list("pods", "-A", "--field-selector=metadata.name=p")).length).toBe(100);
  const log = await readFile(bed.cluster.path("kube-apiserver.log"), "utf8");
  expect(log).not.toMatch(/failed calling webhook|context deadline exceeded.*firebreak/);
});
