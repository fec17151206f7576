import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decodeReview } from "../../src/admission/review.ts";
import { commands, shells } from "../../src/cli/commands.ts";
import { decisionRecord } from "../../src/reports/decision-record.ts";
import { core, enforced, realGuardrails } from "../packs/core.ts";
import { exampleFiles, reviewOf } from "../packs/example.ts";
import { main, type Ran, runFirebreak } from "./run-firebreak.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "firebreak-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function firebreak(args: readonly string[], input = "", kubeconfig?: string): Promise<Ran> {
  return runFirebreak(args, { cwd: folder, input, ...(kubeconfig === undefined ? {} : { kubeconfig }) });
}

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

const service = (type: string) => `apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec:\n  type: ${type}\n  ports: [{port: 80}]\n`;
const labelled =
  "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop, labels: {component: a}}\nspec: {serviceAccountName: web, containers: [{name: c, image: i}]}\n";
const namespace = (extra = "") => `apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {owner: pay${extra}}}\n`;

test("exit 0 where nothing is denied, 1 where something is", async () => {
  const clean = await firebreak(["check", file("clean.yaml", service("ClusterIP"))]);
  expect(clean).toMatchObject({ code: 0, stderr: "" });
  expect(clean.stdout).toBe("1 object judged: nothing to say\n");
  const denied = await firebreak(["check", file("denied.yaml", service("NodePort"))]);
  expect(denied.code).toBe(1);
  expect(denied.stdout).toContain("shop/Service/web  denied.yaml:1");
  expect(denied.stdout).toContain("✗ denied SEG-EX-002");
  expect(denied.stdout).toContain("at spec.type (denied.yaml:5)");
});

test("exit 2 for bad input, with file, document and line; for what is not there; for a wrong option", async () => {
  const bad = await firebreak(["check", file("bad.yaml", `${service("ClusterIP")}---\nreplicas: 1\n`)]);
  expect(bad).toMatchObject({ code: 2, stdout: "" });
  expect(bad.stderr).toContain("[FBR_INPUT_INVALID] bad.yaml, document 2, line 8: has no apiVersion and no kind");
  expect(await firebreak(["check", "nowhere.yaml"])).toMatchObject({ code: 2, stderr: expect.stringContaining("FBR_INPUT_UNREADABLE") });
  expect(await firebreak(["check", "-"], "# nothing\n")).toMatchObject({ code: 2, stderr: expect.stringContaining("no Kubernetes object in it") });
  expect(await firebreak(["check", "--typo"])).toMatchObject({ code: 2, stderr: expect.stringContaining("firebreak check --help") });
  expect(await firebreak(["check"])).toMatchObject({ code: 2, stderr: expect.stringContaining("standard input") });
  expect(await firebreak(["check", "-o", "xml", "clean.yaml"])).toMatchObject({ code: 2, stderr: expect.stringContaining("text, json, sarif, junit") });
  expect(await firebreak(["check", "--profile", "pci", "clean.yaml"])).toMatchObject({ code: 2, stderr: expect.stringContaining("pci-dss-4.0.1") });
  expect(await firebreak(["chekc"])).toMatchObject({ code: 2, stderr: expect.stringContaining("no command chekc") });
});

test("what nobody told is undetermined: exit 0, and 3 with --strict; the fact settles it", async () => {
  const pod = file("pod.yaml", labelled);
  const unknown = await firebreak(["check", pod]);
  expect(unknown.code).toBe(0);
  expect(unknown.stdout).toContain("? undetermined SEG-ID-001");
  expect(unknown.stdout).toContain("not known here: namespace");
  expect((await firebreak(["check", "--strict", pod])).code).toBe(3);
  const told = await firebreak(["check", "--strict", pod, "--facts", file("facts.yaml", namespace())]);
  // Nobody isolates the pod in a namespace that is observed: that is noted, and nothing is undetermined any more.
  expect(told.stdout).toContain("noted SEG-DD-004");
  expect(told.code).toBe(0);
});

test("the namespace among the files decides its mode, --mode goes before it", async () => {
  const both = file("both.yaml", `${namespace()}---\n${service("NodePort")}`);
  expect(await firebreak(["check", both])).toMatchObject({ code: 0, stdout: expect.stringContaining("! warned SEG-EX-002") });
  expect((await firebreak(["check", both, "--mode", "enforce"])).code).toBe(1);
  const tenant = file("tenant.yaml", `${namespace(", firebreak.dev/tenant: acme")}---\n${service("NodePort")}`);
  expect((await firebreak(["check", tenant])).code).toBe(1);
});

test("an object that stands already is updated: the ratchet holds", async () => {
  const facts = file("stands.yaml", `${namespace(", firebreak.dev/tenant: acme")}---\n${service("NodePort")}`);
  const again = await firebreak(["check", file("again.yaml", service("NodePort").replace("port: 80", "port: 81")), "--facts", facts]);
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining("already there: ") });
});

test("standard input, folders, a namespace of choice, and the labels that would be stamped", async () => {
  expect((await firebreak(["check", "-"], service("NodePort"))).stdout).toContain("<stdin>:1");
  mkdirSync(join(folder, "deep", "er"), { recursive: true });
  file("deep/er/a.yaml", service("NodePort").replace(", namespace: shop", ""));
  file("deep/README.md", "no manifest");
  expect((await firebreak(["check", "deep", "-n", "elsewhere"])).stdout).toContain("elsewhere/Service/web  deep/er/a.yaml:1");
});

test("JSON, SARIF and JUnit say the same", async () => {
  file("all.yaml", `${service("NodePort")}---\n${labelled}`);
  const json = JSON.parse((await firebreak(["check", "all.yaml", "-o", "json"])).stdout);
  expect(json).toMatchObject({ schema: "firebreak.check/1", summary: { objects: 2, deny: 1, undetermined: 1 } });
  expect(json.objects[0]).toMatchObject({ object: "shop/Service/web", line: 1, results: [{ ruleId: "SEG-EX-002", line: 5, effect: "deny" }] });
  const [run] = JSON.parse((await firebreak(["check", "all.yaml", "-o", "sarif"])).stdout).runs;
  expect(run.results.map(({ ruleId, level }: { ruleId: string; level: string }) => [ruleId, level])).toEqual([
    ["SEG-EX-002", "error"],
    ["SEG-ID-001", "note"],
  ]);
  for (const { ruleId, ruleIndex } of run.results) expect(run.tool.driver.rules[ruleIndex].id).toBe(ruleId);
  expect(run.results[0].locations[0].physicalLocation).toEqual({ artifactLocation: { uri: "all.yaml" }, region: { startLine: 5 } });
  const { stdout: xml, code } = await firebreak(["check", "all.yaml", "-o", "junit"]);
  expect(code).toBe(1);
  expect(xml).toContain('<testsuite name="all.yaml" tests="2" failures="1" errors="0">');
  expect(xml).toContain('<failure type="SEG-EX-002"');
});

test("text of users steers neither the terminal nor the XML", async () => {
  const hostile =
    'apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec: {hostNetwork: true, nodeName: "a\\u001b[2J\\n<&\\"\\u0000", containers: []}\n';
  const { stdout } = await firebreak(["check", "-"], hostile);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there.
  expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  const xml = (await firebreak(["check", "-", "-o", "junit"], hostile)).stdout;
  expect(xml).toContain("a�[2J");
  expect(xml).toContain("&lt;&amp;&quot;");
});

test("a profile raises a warning to a denial", async () => {
  const ingress =
    "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: shop}\nspec: {rules: [{host: a.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: a, port: {number: 80}}}}]}}]}\n";
  expect((await firebreak(["check", "-"], ingress)).code).toBe(0);
  expect((await firebreak(["check", "-", "--profile", "pci-dss-4.0.1"], ingress)).code).toBe(1);
});

test("explain finds a decision in a log and tells all about it", async () => {
  const example = exampleFiles.find((one) => one.file === "seg_op_003/examples/denied.yaml")?.example;
  if (example === undefined) throw new Error("the example is gone");
  const guardrails = await realGuardrails({}, 1);
  const review = reviewOf(example);
  const decoded = decodeReview(review, "validating");
  if (!decoded.ok) throw new Error(decoded.message);
  const decision = await core(guardrails, enforced).decide({ attributes: decoded.attributes, review, deadline: Date.now() + 5000, failurePolicy: "Fail" });
  await guardrails.close();
  const line = JSON.stringify({ level: "warn", ...decisionRecord(decision, { clusterName: "c", version: "v", replica: "r" }) });
  const log = `{"level":"info","msg":"firebreak is ready"}\nno JSON 01TEST\n[pod/firebreak-0] ${line}\n{"cut": "01TEST`;
  const { code, stdout } = await firebreak(["explain", "01TEST"], log);
  expect(code).toBe(0);
  for (const said of [
    "CREATE shop/Pod/web",
    "alice (acme-developers)",
    "SEG-OP-003 No capability that rewrites the network",
    "why: ",
    "pci-dss 4.0.1 1.4.3 (not confirmed)",
  ])
    expect(stdout).toContain(said);
  expect(await firebreak(["explain", "01OTHER"], log)).toMatchObject({ code: 1, stderr: expect.stringContaining("no record of decision 01OTHER") });
  expect(JSON.parse((await firebreak(["explain", "01TEST", "-o", "json"], log)).stdout)).toMatchObject({ decisionId: "01TEST" });
  expect((await firebreak(["explain"])).code).toBe(2);
});

test("a cluster that does not answer is no finding: exit 2 for check, and doctor says so", async () => {
  const kubeconfig = file(
    "kubeconfig",
    JSON.stringify({
      "current-context": "c",
      clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1" } }],
      users: [{ name: "c", user: {} }],
      contexts: [{ name: "c", context: { cluster: "c", user: "c" } }],
    }),
  );
  const checked = await firebreak(["check", "clean.yaml", "--cluster"], "", join(folder, kubeconfig));
  expect(checked).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("FBR_API") });
  const examined = await firebreak(["doctor"], "", join(folder, kubeconfig));
  expect(examined.code).toBe(1);
  expect(examined.stdout).toContain("fix: point KUBECONFIG at a cluster that answers");
});

test("version names the packs with their digests, and OPA", async () => {
  const { packs, version } = JSON.parse((await firebreak(["version", "-o", "json"])).stdout);
  expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  expect(packs).toEqual([expect.objectContaining({ name: "segmentation-baseline", digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/), opa: "1.22.1" })]);
  expect((await firebreak(["version"])).stdout).toContain(packs[0].digest);
});

test("help names every command and every option", async () => {
  const { stdout, code } = await firebreak([]);
  expect(code).toBe(0);
  for (const { name } of commands) expect(stdout).toContain(name);
  for (const { name, options } of commands) {
    const page = await firebreak([name, "--help"]);
    expect(page.code).toBe(0);
    for (const option of options) expect(page.stdout).toContain(`--${option.name}`);
  }
});

test("completion scripts are whole, and bash completes with its own", async () => {
  for (const shell of shells) expect((await firebreak(["completion", shell])).code).toBe(0);
  const script = (await firebreak(["completion", "bash"])).stdout;
  const completed = (words: string, index: number) =>
    execFileSync("bash", ["-c", `${script}\nCOMP_WORDS=(${words}); COMP_CWORD=${index}; _firebreak; printf '%s\\n' "\${COMPREPLY[@]}"`], { encoding: "utf8" })
      .trim()
      .split("\n");
  expect(completed("firebreak che", 1)).toEqual(["check"]);
  expect(completed("firebreak check --str", 2)).toContain("--strict");
  expect(completed("firebreak check -o s", 3)).toEqual(["sarif"]);
  expect((await firebreak(["completion", "csh"])).code).toBe(2);
});

test("a reader that goes away is no error of ours", async () => {
  const many = Array.from({ length: 400 }, () => service("NodePort")).join("---\n");
  const child = spawn(process.execPath, [main, "check", "-"], { cwd: folder });
  child.stdout.once("data", () => child.stdout.destroy());
  child.stdin.end(many);
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect(stderr).toBe("");
  expect(code).toBe(1);
});
