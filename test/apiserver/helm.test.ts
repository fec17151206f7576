import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { FirebreakProcess } from "../../tools/cluster/firebreak-process.ts";
import { eventually } from "../../tools/cluster/process.ts";
import { obtainHelm } from "../../tools/obtain/helm.ts";
import { type Ran, runFirebreak } from "../cli/run-firebreak.ts";
import { type Stored, testBed } from "./test-bed.ts";

const root = join(import.meta.dirname, "..", "..");
const bed = testBed({ firebreak: false, mayBeForbidden: true });

beforeAll(() => obtainHelm(), 1_200_000);

async function helm(...args: string[]): Promise<Ran> {
  const program = await obtainHelm();
  const env = { ...process.env, KUBECONFIG: bed.cluster.kubeconfig("admin") };
  return new Promise((resolve) =>
    execFile(program, [...args, "--namespace", "firebreak-system"], { env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    ),
  );
}

const chart = join(root, "charts", "firebreak");

async function checksum(): Promise<string | undefined> {
  const deployment = await bed.get("deployment", "firebreak", "-n", "firebreak-system");
  return deployment?.spec.template.metadata.annotations["checksum/configuration"];
}

async function rolledOut(): Promise<void> {
  await bed.admin(["rollout", "status", "deployment/firebreak", "-n", "firebreak-system", "--timeout=60s"]);
}

test("wrong values are refused before anything is installed, and the field is named", async () => {
  for (const [value, field] of [
    ["replicaCnt=2", "replicaCnt"],
    ["image.digest=sha256:abc", "digest"],
    ["configuration.excludedNamespace={a}", "excludedNamespace"],
    ["configuration.labels.enclaves.team={a}", "team"],
    ["certManager.enabled=true", "issuerRef.name"],
  ] as const) {
    const { code, stderr } = await helm("template", "firebreak", chart, "--set", value);
    expect(code, value).not.toBe(0);
    expect(stderr).toContain(field);
  }
});

test("helm install: everything that the chart renders is accepted, two replicas come up", async () => {
  const { code, stderr } = await helm("install", "firebreak", chart, "--create-namespace", "--wait", "--timeout", "90s");
  expect(code, stderr).toBe(0);
  const deployment = await bed.get("deployment", "firebreak", "-n", "firebreak-system");
  expect(deployment?.status.availableReplicas).toBe(2);
  expect((await bed.get("poddisruptionbudget", "firebreak", "-n", "firebreak-system"))?.spec.maxUnavailable).toBe(1);
  bed.firebreak = await FirebreakProcess.start(bed.cluster, {});
});

test("helm test runs the doctor with the release's own permissions, and fails where something is broken", async () => {
  bed.node.run = async ({ name }) => {
    if (name !== "firebreak-doctor") return 0;
    const config = await bed.get<{ data: Record<string, string> }>("configmap", "firebreak-config", "-n", "firebreak-system");
    const file = bed.cluster.path("doctor.yaml");
    await writeFile(file, config?.data["firebreak.yaml"] ?? "");
    return (await runFirebreak(["doctor", "--config", file], { kubeconfig: bed.cluster.kubeconfig("firebreak") })).code;
  };
  const healthy = await helm("test", "firebreak", "--timeout", "60s");
  expect(healthy.code, healthy.stdout + healthy.stderr).toBe(0);
  await bed.firebreak.stop("SIGKILL");
  await bed.admin(["delete", "mutatingwebhookconfiguration", "firebreak"]);
  expect((await helm("test", "firebreak", "--timeout", "60s")).code).not.toBe(0);
  bed.firebreak = await FirebreakProcess.start(bed.cluster, { name: "again" });
});

test("the guard: who may write webhook configurations by RBAC may not touch ours, unless the custom verb says so", async () => {
  const grant = (name: string, rules: object[], subject: object) => [
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name }, rules },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
      subjects: [subject],
    },
  ];
  const rules = [
    { apiGroups: ["admissionregistration.k8s.io"], resources: ["*"], verbs: ["*"] },
    { apiGroups: ["apiextensions.k8s.io"], resources: ["*"], verbs: ["*"] },
  ];
  const developers = { kind: "Group", apiGroup: "rbac.authorization.k8s.io", name: "acme-developers" };
  await bed.admin(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items: grant("registrars", rules, developers) }));
  await eventually("the guard", async () => {
    const { stderr } = await bed.kubectl("alice", ["delete", "validatingwebhookconfiguration", "firebreak", "--dry-run=server"]);
    return stderr.includes("[SEG-GV-005] this registers Firebreak, and alice may not change it") ? true : undefined;
  });
  const patched = await bed.kubectl("alice", ["patch", "mutatingwebhookconfiguration", "firebreak", "--type=merge", "-p", '{"webhooks": []}']);
  expect(patched.stderr).toContain("firebreak-change-installation");
  const definition = await bed.kubectl("alice", ["delete", "crd", "isolationprofiles.firebreak.dev"]);
  expect(definition.stderr).toContain("[SEG-GV-005]");
  await bed.admin(["create", "clusterrolebinding", "owners", "--clusterrole=firebreak-change-installation", "--group=acme-developers"]);
  const owner = await bed.kubectl("alice", ["label", "validatingwebhookconfiguration", "firebreak", "a=b"]);
  expect(owner.code, owner.stderr).toBe(0);
});

test("helm upgrade with another configuration replaces the replicas, helm rollback brings the old one back", async () => {
  const before = await checksum();
  const podsOf = async () =>
    (await bed.list("pods", "-n", "firebreak-system", "-l", "app.kubernetes.io/component=webhook")).map(({ metadata }: Stored) => metadata.uid);
  const pods = await podsOf();
  const upgraded = await helm("upgrade", "firebreak", chart, "--set", "configuration.log.level=debug", "--wait", "--timeout", "90s");
  expect(upgraded.code, upgraded.stderr).toBe(0);
  expect(await checksum()).not.toBe(before);
  await rolledOut();
  await eventually("new replicas only", async () => ((await podsOf()).every((uid) => !pods.includes(uid)) ? true : undefined));
  const back = await helm("rollback", "firebreak", "1", "--wait", "--timeout", "90s");
  expect(back.code, back.stderr).toBe(0);
  await rolledOut();
  expect(await checksum()).toBe(before);
});

test("helm uninstall leaves the namespace, the custom resources and nothing else of the release", async () => {
  const { code, stderr } = await helm("uninstall", "firebreak", "--wait");
  expect(code, stderr).toBe(0);
  await bed.firebreak.stop("SIGKILL");
  const kinds = "clusterroles,clusterrolebindings,flowschemas,prioritylevelconfigurations,validatingadmissionpolicies,validatingadmissionpolicybindings";
  expect((await bed.list(kinds, "-l", "app.kubernetes.io/instance=firebreak")).map(({ metadata }) => metadata.name)).toEqual([]);
  const own = "deployments,services,configmaps,roles,rolebindings,networkpolicies,poddisruptionbudgets,serviceaccounts";
  expect((await bed.list(own, "-n", "firebreak-system", "-l", "app.kubernetes.io/instance=firebreak")).map(({ metadata }) => metadata.name)).toEqual([]);
  await eventually("webhooks to be gone", async () =>
    [...(await bed.list("validatingwebhookconfigurations")), ...(await bed.list("mutatingwebhookconfigurations"))].every(
      ({ metadata }) => metadata.name !== "firebreak",
    )
      ? true
      : undefined,
  );
  expect(await bed.get("crd", "isolationprofiles.firebreak.dev")).toBeDefined();
});
