import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeAll, expect, test } from "vitest";
import { FirebreakProcess, registered } from "../../tools/cluster/firebreak-process.ts";
import { platformVerbs } from "../../tools/cluster/identities.ts";
import { eventually } from "../../tools/cluster/process.ts";
import { obtainHelm } from "../../tools/obtain/helm.ts";
import { pod, testBed } from "./test-bed.ts";

const run = promisify(execFile);
const chart = join(import.meta.dirname, "..", "..", "charts", "firebreak");

const bed = testBed({ firebreak: false, mayBeForbidden: true });
let round = 0;

beforeAll(() => obtainHelm(), 1_200_000);

/** A release by the real helm, with a Firebreak process on it, and an enforced namespace. */
async function install(): Promise<string> {
  round += 1;
  await eventually("the release's namespace to be gone", async () =>
    (await bed.get("namespace", "firebreak-system"))?.metadata.deletionTimestamp === undefined ? true : undefined,
  );
  await helm("install", "firebreak", chart, "--namespace", "firebreak-system", "--create-namespace");
  await bed.cluster.apply(platformVerbs);
  bed.firebreak = await FirebreakProcess.start(bed.cluster, { name: `round-${round}` });
  const namespace = `round-${round}`;
  await bed.tenantNamespace(namespace);
  return namespace;
}

async function helm(...args: string[]): Promise<void> {
  await run(await obtainHelm(), args, { env: { ...process.env, KUBECONFIG: bed.cluster.kubeconfig("admin") } });
}

async function podCanBeCreated(namespace: string): Promise<void> {
  await eventually(
    "a pod to be created",
    async () => ((await bed.create("alice", pod("free"), "-n", namespace, "--request-timeout=5s")).code === 0 ? true : undefined),
    30,
  );
  const webhooks = [...(await bed.list("validatingwebhookconfigurations")), ...(await bed.list("mutatingwebhookconfigurations"))];
  expect(webhooks.filter(({ metadata }) => metadata.name === "firebreak")).toEqual([]);
}

afterEach(async () => {
  await bed.firebreak.stop("SIGKILL");
});

test("mode Off takes the webhooks away and holds; On brings them back", async () => {
  const namespace = await install();
  const mode = (value: string) =>
    bed.admin(
      ["apply", "-n", "firebreak-system", "-f", "-"],
      JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "firebreak-mode" }, data: { mode: value } }),
    );
  await mode("Off");
  await podCanBeCreated(namespace);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  expect(await bed.get("validatingwebhookconfiguration", "firebreak")).toBeUndefined();
  expect((await bed.firebreak.lines()).some(({ mode: said }) => said === "Off")).toBe(true);
  await mode("On");
  await registered(bed.cluster);
  await bed.admin(["delete", "validatingwebhookconfiguration", "firebreak"]);
  await registered(bed.cluster);
  await bed.admin(["delete", "configmap", "firebreak-mode", "-n", "firebreak-system"]);
  await helm("uninstall", "firebreak", "--namespace", "firebreak-system", "--wait");
});

test.each([
  ["replicas alive", "alive", []],
  ["replicas dead", "dead", []],
  ["replicas dead and --no-hooks", "dead", ["--no-hooks"]],
] as const)("after an uninstall with %s a pod can be created", async (_, replicas, flags) => {
  const namespace = await install();
  if (replicas === "dead") await bed.firebreak.stop("SIGKILL");
  await helm("uninstall", "firebreak", "--namespace", "firebreak-system", ...flags);
  await podCanBeCreated(namespace);
});

test("after the namespace of the release was deleted, with every replica dead, a pod can be created", async () => {
  const namespace = await install();
  await bed.firebreak.stop("SIGKILL");
  await bed.admin(["delete", "namespace", "firebreak-system", "--wait=false"]);
  await podCanBeCreated(namespace);
});
