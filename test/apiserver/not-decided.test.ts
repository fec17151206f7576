import { expect, test } from "vitest";
import { eventually } from "../../tools/cluster/process.ts";
import { netAdmin, pod, testBed } from "./test-bed.ts";

const bed = testBed({ firebreak: { configuration: { evaluation: { workers: 1, evaluationMillis: 1000, maxQueue: 1 } } }, mayBeForbidden: true });

test("overload is answered with a time to come back, and clients come back", async () => {
  await bed.tenantNamespace("overload");
  const answers = await Promise.all(Array.from({ length: 24 }, (_, index) => bed.create("alice", pod(`p${index}`), "-n", "overload")));
  for (const { code, stderr } of answers) expect(code, stderr).toBe(0);
});

test("where the default deny cannot be stored, no pod is admitted, and the answer says that it is not decided", async () => {
  await bed.tenantNamespace("unstored");
  await eventually("the default deny", () => bed.get("networkpolicy", "firebreak-default-deny", "-n", "unstored"));
  const role = JSON.parse(await bed.admin(["get", "clusterrole", "firebreak", "-o", "json"]));
  const without = {
    ...role,
    rules: role.rules
      .filter(({ resources }: { resources: string[] }) => !resources.includes("networkpolicies"))
      .concat({ apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], verbs: ["get", "list", "watch"] }),
  };
  await bed.admin(["replace", "-f", "-"], JSON.stringify(without));
  await bed.admin(["delete", "networkpolicy", "firebreak-default-deny", "-n", "unstored"]);
  const undecided = await bed.create("alice", pod("p"), "-n", "unstored");
  expect(undecided.stderr, "kubectl gave up after its own retries").toMatch(/\(ServiceUnavailable\).*\[FBR_DEFAULT_DENY_NOT_STORED\] not decided, try again/s);
  expect(await bed.get("pod", "p", "-n", "unstored")).toBeUndefined();
  const bad = await bed.create("alice", pod("bad", { spec: netAdmin }), "-n", "unstored");
  expect(bad.stderr, "a verdict is given all the same").toContain("[SEG-OP-003]");
  const records = (await bed.firebreak.lines()).filter(({ decision }) => (decision as { code?: number } | undefined)?.code === 503);
  expect(JSON.stringify(records)).toContain("FBR_DEFAULT_DENY_NOT_STORED");
  await bed.admin(["replace", "-f", "-"], JSON.stringify({ ...role, metadata: { ...role.metadata, resourceVersion: undefined } }));
  await eventually("the pod", async () => ((await bed.create("alice", pod("p"), "-n", "unstored")).code === 0 ? true : undefined), 40);
  expect(await bed.get("networkpolicy", "firebreak-default-deny", "-n", "unstored")).toBeDefined();
});
