import { expect, test } from "vitest";
import type { ScannedPlace } from "../../src/model/scan.ts";
import { eventually } from "../../tools/cluster/process.ts";
import { openReportsDefinitions } from "../../tools/obtain/open-reports.ts";
import { runFirebreak } from "../cli/run-firebreak.ts";
import { testedSources } from "../packs/tiny-pack.ts";
import { netAdmin, pod, testBed, workload } from "./test-bed.ts";

const bed = testBed({
  firebreak: { configuration: { scan: { flushMillis: 500, settleMillis: 500 }, rulePacks: { evidenceMillis: 1000 } } },
  before: async (one) => {
    await one.cluster.apply(await openReportsDefinitions());
    await one.cluster.apply('{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"old"}}');
    await eventually("the default ServiceAccount", () => one.cluster.get(["serviceaccount", "default", "-n", "old"]));
    await one.create("admin", workload("Deployment", "agent", { spec: { ...netAdmin, hostNetwork: true } }), "-n", "old");
    await one.create(
      "admin",
      { apiVersion: "v1", kind: "Service", metadata: { name: "door" }, spec: { type: "NodePort", ports: [{ port: 80 }] } },
      "-n",
      "old",
    );
    await eventually("the Deployment's pod", async () => ((await one.list("pods", "-n", "old")).length > 0 ? true : undefined));
  },
});

interface Result {
  readonly rule: string;
  readonly result: string;
  readonly message: string;
  readonly resources: readonly { readonly kind: string; readonly name: string }[];
  readonly properties: Readonly<Record<string, string>>;
}
interface Report {
  readonly summary: Readonly<Record<string, number>>;
  readonly results: readonly Result[];
}

async function report(namespace: string): Promise<Report | undefined> {
  return bed.get<Report>("reports.openreports.io", "firebreak", "-n", namespace);
}

const of = (found: Report | undefined, rule: string) => found?.results.filter((one) => one.rule === rule) ?? [];

test("what stood before Firebreak came is judged and reported, a workload once and not with each of its pods", async () => {
  const found = await eventually("the report of the namespace", () => report("old"));
  const [hostNetwork] = of(found, "SEG-OP-001");
  expect(hostNetwork).toMatchObject({ result: "fail", properties: { effect: "warn" } });
  expect(hostNetwork?.resources).toEqual([expect.objectContaining({ kind: "Deployment", name: "agent" })]);
  expect(of(found, "SEG-EX-002")[0]).toMatchObject({ result: "fail", resources: [{ kind: "Service", name: "door" }] });
  // No default deny stands: what no admission could say.
  expect(of(found, "SEG-DD-001")[0]).toMatchObject({ result: "warn", resources: [{ kind: "Namespace", name: "old" }] });
  expect(found.summary["fail"]).toBeGreaterThanOrEqual(3);
  await eventually("an event on the namespace", async () => {
    const events = (await bed.list("events", "-n", "old")) as unknown as { reason: string; note?: string; message?: string }[];
    return events.some(({ reason }) => reason === "GuardrailViolations") ? true : undefined;
  });
  const metrics = await (await fetch(`http://127.0.0.1:${bed.firebreak.metricsPort}/metrics`)).text();
  expect(metrics).toMatch(/firebreak_standing_violations\{rule="SEG-OP-001",result="fail"\} 1/);
});

test("the command line finds the same", async () => {
  const { code, stdout, stderr } = await runFirebreak(["scan", "-o", "json"], { kubeconfig: bed.cluster.kubeconfig("admin") });
  expect(code, stderr).toBe(1);
  const { places, unread } = JSON.parse(stdout) as { places: ScannedPlace[]; unread: string[] };
  expect(unread).toEqual([]);
  const byCommand = places
    .find(({ namespace }) => namespace === "old")
    ?.findings.map(({ ruleId, message, subject }) => `${ruleId} ${subject.kind}/${subject.name} ${message}`);
  const byCluster = (await report("old"))?.results.flatMap(({ rule, message, resources }) =>
    resources.map(({ kind, name }) => `${rule} ${kind}/${name} ${message}`),
  );
  expect([...new Set(byCommand)].sort()).toEqual([...new Set(byCluster)].sort());
  const text = await runFirebreak(["scan", "-n", "old"], { kubeconfig: bed.cluster.kubeconfig("admin") });
  expect(text.stdout).toMatch(/✗ fails SEG-OP-001 .*\n {6}Deployment\/agent/);
  // Whoever may read less is told what was not judged.
  const asSam = await runFirebreak(["scan", "--strict"], { kubeconfig: bed.cluster.kubeconfig("security") });
  expect(asSam.stdout).toContain("not judged: rbac.authorization.k8s.io/Role: it may not be listed");
});

test("a change is judged within seconds, by watch; what is mended or removed leaves the report", async () => {
  await bed.admin(["create", "service", "nodeport", "second", "-n", "old", "--tcp=80"]);
  await eventually("the second door", async () => ((of(await report("old"), "SEG-EX-002")[0]?.resources.length ?? 0) === 2 ? true : undefined));
  await bed.admin(["delete", "service", "second", "-n", "old"]);
  await bed.admin(["patch", "service", "door", "-n", "old", "--type=merge", "-p", '{"spec":{"type":"ClusterIP"}}']);
  await eventually("no door", async () => (of(await report("old"), "SEG-EX-002").length === 0 ? true : undefined));
  await bed.create(
    "admin",
    { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name: "deny" }, spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] } },
    "-n",
    "old",
  );
  await eventually("a default deny", async () => (of(await report("old"), "SEG-DD-001").length === 0 ? true : undefined));
});

test("a rule pack is scanned as soon as it is in force, by its own stage; an exemption is shown, not hidden", async () => {
  await bed.admin(["create", "clusterrolebinding", "approvers", "--clusterrole=firebreak-approve-exemptions", "--group=security-team"]);
  await bed.create("admin", pod("odd", { labels: { bad: "odd" } }), "-n", "old");
  const files = testedSources({ name: "odd", bad: "odd", ruleId: "ODD-RR-001" });
  const spec = (scan: string) => ({ tier: "Standard", source: { inline: { files } }, bindings: [{ name: "all", admission: "draft", scan }] });
  const apply = (scan: string) =>
    bed.kubectl(
      "admin",
      ["apply", "-f", "-"],
      JSON.stringify({ apiVersion: "firebreak.dev/v1alpha1", kind: "RulePack", metadata: { name: "odd" }, spec: spec(scan) }),
    );
  await apply("enforce");
  await eventually("the odd pod", async () => (of(await report("old"), "ODD-RR-001")[0]?.result === "fail" ? true : undefined), 60);
  const expires = new Date(Date.now() + 5 * 24 * 3_600_000).toISOString();
  const exemption = {
    rules: [{ id: "ODD-RR-001" }],
    subject: { namespace: "old", kind: "Pod", name: "odd" },
    reason: "it is odd by design",
    ticket: "T-1",
    expires,
  };
  await bed.create("admin", { apiVersion: "firebreak.dev/v1alpha1", kind: "Exemption", metadata: { name: "odd" }, spec: exemption });
  const specDigest = await eventually("the digest", async () => (await bed.get("exemption", "odd"))?.status?.specDigest as string | undefined);
  await bed.create("security", {
    apiVersion: "firebreak.dev/v1alpha1",
    kind: "ExemptionApproval",
    metadata: { name: "odd" },
    spec: { exemption: "odd", specDigest },
  });
  await eventually("an exempted result", async () => {
    const [result] = of(await report("old"), "ODD-RR-001");
    return result?.result === "skip" && result.properties["exemptions"] === "odd" ? true : undefined;
  });
  const scanned = await runFirebreak(["scan", "-n", "old", "-o", "json"], { kubeconfig: bed.cluster.kubeconfig("admin") });
  expect(scanned.stdout).toContain('"ruleId": "ODD-RR-001"');
  await apply("draft");
  await eventually("nothing odd", async () => (of(await report("old"), "ODD-RR-001").length === 0 ? true : undefined), 60);
});

test("where nothing is to be said any more, no report is left", async () => {
  await bed.admin(["delete", "deployment", "agent", "-n", "old"]);
  await bed.admin(["delete", "pod", "odd", "-n", "old"]);
  await bed.admin(["label", "namespace", "old", "owner=pay"]);
  await eventually("no report, or one without failures", async () => {
    const left = await report("old");
    return left === undefined || (left.summary["fail"] ?? 0) === 0 ? true : undefined;
  });
  await bed.admin(["delete", "namespace", "old"]);
  await eventually("no report of a namespace that is gone", async () =>
    (await bed.list("reports.openreports.io", "-A")).some(({ metadata }) => metadata.namespace === "old") ? undefined : true,
  );
});
