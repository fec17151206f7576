import { expect, test } from "vitest";
import { FirebreakProcess } from "../../tools/cluster/firebreak-process.ts";
import { eventually } from "../../tools/cluster/process.ts";
import { size } from "../size.ts";
import { pod, policy, testBed, workload } from "./test-bed.ts";

const bed = testBed();

/** Somebody else holds the lease: no controller is there first, and each pod's own review has to store the default deny. */
async function withoutControllers(): Promise<void> {
  await bed.firebreak.stop("SIGKILL");
  const held = { spec: { holderIdentity: "somebody-else", leaseDurationSeconds: 3600 } };
  await bed.admin(["patch", "lease", "firebreak", "-n", "firebreak-system", "--type=merge", "-p", JSON.stringify(held)]);
  bed.firebreak = await FirebreakProcess.start(bed.cluster, { name: "follower", port: bed.firebreak.port, unregistered: true });
}

test("of many pods at once in a fresh namespace, none is stored before the default deny", async () => {
  await withoutControllers();
  const count = size(200, 500);
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "rush", labels: { "firebreak.dev/tenant": "acme" } } };
  const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: "rush" } };
  const pods = Array.from({ length: count }, (_, index) => ({
    ...pod(`p${index}`),
    metadata: { name: `p${index}`, namespace: "rush", labels: { component: "x", owner: "x" } },
  }));
  const lists = [0, 1, 2, 3].map((part) => JSON.stringify({ apiVersion: "v1", kind: "List", items: pods.filter((_, index) => index % 4 === part) }));
  await bed.create("platform", namespace);
  await bed.create("admin", account);
  const answers = await Promise.all(lists.map((list) => bed.kubectl("admin", ["create", "-f", "-"], list)));
  for (const { code, stderr } of answers) expect(code, stderr).toBe(0);
  const stored = await bed.list("pods", "-n", "rush");
  const deny = await bed.get("networkpolicy", "firebreak-default-deny", "-n", "rush");
  expect(stored).toHaveLength(count);
  const created = stored.map(({ metadata }) => Number(metadata.resourceVersion));
  expect(Number(deny?.metadata.resourceVersion)).toBeLessThan(Math.min(...created));
  await bed.admin(["delete", "lease", "firebreak", "-n", "firebreak-system"]);
});

test("while pods run, nobody removes the policies of the namespace by deletecollection", async () => {
  await bed.tenantNamespace("collected");
  await bed.create("alice", workload("Deployment", "web"), "-n", "collected");
  await eventually("a running pod", async () =>
    (await bed.list("pods", "-n", "collected", "-l", "app=web")).some(({ status }) => status.phase === "Running") ? true : undefined,
  );
  const answer = await bed.kubectl("alice", ["delete", "--raw", "/apis/networking.k8s.io/v1/namespaces/collected/networkpolicies"]);
  expect(answer.code).not.toBe(0);
  expect(answer.stderr).toContain("[SEG-DD-005] metadata.name: keep it");
  const all = await bed.kubectl("alice", ["delete", "networkpolicies", "--all", "-n", "collected", "--cascade=orphan", "--grace-period=0"]);
  expect(all.stderr).toContain("[SEG-DD-005]");
  expect(await bed.get("networkpolicy", "firebreak-default-deny", "-n", "collected")).toBeDefined();
});

test("a namespace with running pods and policies is deleted to the end", async () => {
  await bed.tenantNamespace("ending");
  await bed.create("alice", workload("Deployment", "web"), "-n", "ending");
  await bed.create("alice", policy("mine", { podSelector: {}, policyTypes: ["Ingress"] }), "-n", "ending");
  await eventually("a running pod", async () => ((await bed.list("pods", "-n", "ending")).some(({ status }) => status.phase === "Running") ? true : undefined));
  const { code, stderr } = await bed.kubectl("admin", ["delete", "namespace", "ending", "--timeout=60s"]);
  expect(code, stderr).toBe(0);
  expect(await bed.get("namespace", "ending")).toBeUndefined();
});

test("foreground deletion of a Deployment ends with its pods", async () => {
  await bed.tenantNamespace("foreground");
  await bed.create("alice", workload("Deployment", "web"), "-n", "foreground");
  await eventually("a pod", async () => ((await bed.list("pods", "-n", "foreground")).length > 0 ? true : undefined));
  const { code, stderr } = await bed.kubectl("alice", ["delete", "deployment", "web", "-n", "foreground", "--cascade=foreground", "--timeout=60s"]);
  expect(code, stderr).toBe(0);
  expect(await bed.list("pods", "-n", "foreground")).toEqual([]);
});

test("a running Job finishes", async () => {
  await bed.tenantNamespace("jobs");
  await bed.create("alice", workload("Job", "work"), "-n", "jobs");
  const { code, stderr } = await bed.kubectl("alice", ["wait", "job/work", "-n", "jobs", "--for=condition=Complete", "--timeout=60s"]);
  expect(code, stderr).toBe(0);
  const deleted = await bed.kubectl("alice", ["delete", "job", "work", "-n", "jobs", "--timeout=60s"]);
  expect(deleted.code, deleted.stderr).toBe(0);
});
