import { expect, test } from "vitest";
import type { Examination } from "../../src/model/examination.ts";
import { type Ran, runFirebreak } from "../cli/run-firebreak.ts";
import { testBed, workload } from "./test-bed.ts";

const bed = testBed();

function doctor(...args: string[]): Promise<Ran> {
  return runFirebreak(["doctor", "--config", bed.cluster.path("firebreak.json"), ...args], { kubeconfig: bed.cluster.kubeconfig("admin") });
}

async function examinations(): Promise<Map<string, Examination>> {
  const { stdout } = await doctor("-o", "json");
  return new Map((JSON.parse(stdout) as { examinations: Examination[] }).examinations.map((one) => [one.name, one]));
}

test("a healthy Firebreak on a bare cluster: nothing is broken, and what is not known is said", async () => {
  const found = await examinations();
  for (const name of [
    "cluster version",
    "webhooks",
    "webhook answers",
    "rule packs",
    "certificates",
    "clock",
    "permissions",
    "API server addresses",
    "host network",
    "what nodes need",
  ])
    expect(found.get(name), name).toMatchObject({ status: "ok" });
  expect(found.get("network plugin")).toMatchObject({ status: "warn", fix: expect.stringContaining("networkPlugin") });
  expect(found.get("DNS")).toMatchObject({ status: "warn", detail: expect.stringContaining("kube-system/kube-dns") });
  expect(found.get("replicas")).toMatchObject({ status: "warn" });
  const { code, stdout } = await doctor();
  expect(code).toBe(0);
  expect(stdout).toContain("✓ cluster version");
});

test("it sees the network plugin, host network pods, DaemonSets that nodes need, and tenants in excluded namespaces", async () => {
  await bed.tenantNamespace("shop");
  const agent = workload("DaemonSet", "kube-flannel-ds", { spec: { priorityClassName: "system-node-critical" } });
  await bed.admin(["create", "-n", "shop", "-f", "-"], JSON.stringify(agent));
  await bed.admin(["label", "namespace", "kube-public", "firebreak.dev/tenant=acme"]);
  const hostPod = { apiVersion: "v1", kind: "Pod", metadata: { name: "agent" }, spec: { hostNetwork: true, containers: [{ name: "c", image: "i" }] } };
  await bed.admin(["create", "-n", "default", "-f", "-"], JSON.stringify(hostPod));
  const found = await examinations();
  expect(found.get("network plugin")).toMatchObject({ status: "fail", detail: expect.stringContaining("Flannel does not enforce") });
  expect(found.get("host network")).toMatchObject({ status: "warn", detail: expect.stringContaining("default/agent") });
  expect(found.get("what nodes need")).toMatchObject({ status: "warn", detail: expect.stringContaining("shop/kube-flannel-ds") });
  expect(found.get("exclusions")).toMatchObject({ status: "warn", detail: expect.stringContaining("kube-public") });
  expect((await doctor()).code).toBe(1);
});

test("it says so when the webhook is not reached, when it is gone, and when a permission is missing", async () => {
  await bed.firebreak.stop("SIGKILL");
  expect((await examinations()).get("webhook answers")).toMatchObject({ status: "fail", detail: expect.stringContaining("failed calling webhook") });
  await bed.admin(["delete", "validatingwebhookconfiguration", "firebreak"]);
  await bed.admin(["delete", "clusterrolebinding", "firebreak"]);
  const found = await examinations();
  expect(found.get("webhooks")).toMatchObject({ status: "fail", detail: expect.stringContaining("1 of 2") });
  expect(found.get("permissions")).toMatchObject({ status: "fail", detail: expect.stringContaining("may not patch networkpolicies") });
});
