import { expect, test } from "vitest";
import { eventually } from "../../tools/cluster/process.ts";
import { netAdmin, pod, testBed } from "./test-bed.ts";

/** A fresh API server forbids everything for the moment that it takes to read its RBAC objects. */
const bed = testBed({ mayBeForbidden: true });

test("after a restart of the API server everything goes on", async () => {
  await bed.tenantNamespace("restart");
  await bed.cluster.stopApiServer();
  await new Promise((resolve) => setTimeout(resolve, 2000));
  await bed.cluster.startApiServer();
  await eventually(
    "a verdict",
    async () =>
      (await bed.create("alice", pod("bad", { spec: netAdmin }), "-n", "restart", "--dry-run=server")).stderr.includes("[SEG-OP-003]") ? true : undefined,
    60,
  );
  await bed.tenantNamespace("after");
  const good = await bed.create("alice", pod("good"), "-n", "after");
  expect(good.code, good.stderr).toBe(0);
  expect(await bed.get("networkpolicy", "firebreak-default-deny", "-n", "after")).toBeDefined();
  expect(
    (await bed.firebreak.lines()).filter(({ alarm }) => alarm === "forbidden"),
    "a moment is no alarm",
  ).toEqual([]);
});
