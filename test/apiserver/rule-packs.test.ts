import { generateKeyPairSync } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inFolder } from "../../src/compose/foundry.ts";
import { buildPack, workshop } from "../../src/compose/workshop.ts";
import { writeSources } from "../../src/guardrails/authoring/sources.ts";
import { writeBundle } from "../../src/guardrails/bundle/bundle.ts";
import { signFiles } from "../../src/guardrails/bundle/signature.ts";
import type { RulePack, RulePackSpec } from "../../src/model/rule-pack.ts";
import type { KubectlResult } from "../../tools/cluster/control-plane.ts";
import { eventually } from "../../tools/cluster/process.ts";
import { obtainOpa } from "../../tools/obtain/opa.ts";
import { runFirebreak } from "../cli/run-firebreak.ts";
import { type TinyPack, testedSources } from "../packs/tiny-pack.ts";
import { pod, testBed } from "./test-bed.ts";

// The scan of ServiceAccounts takes a permission that a pack would bring along; here nobody gives it.
const bed = testBed({ mayBeForbidden: true });
const everywhere = [{ name: "all", admission: "enforce" as const }];

function rulePack(name: string, spec: Partial<RulePackSpec>): object {
  return { apiVersion: "firebreak.dev/v1alpha1", kind: "RulePack", metadata: { name }, spec: { tier: "Standard", bindings: everywhere, ...spec } };
}

/** A pack that objects to a pod with a label `bad` of the given value. */
function sources(name: string, bad: string, more: Partial<TinyPack> = {}): Record<string, string> {
  return testedSources({ name, bad, ruleId: `${name.toUpperCase()}-RR-001`, ...more });
}

const inline = (files: Record<string, string>) => ({ inline: { files } });

async function apply(object: object, identity: "admin" | "security" = "admin"): Promise<KubectlResult> {
  return bed.kubectl(identity, ["apply", "-f", "-"], JSON.stringify(object));
}

/** The status once the leader has worked on this generation. */
async function settled(name: string): Promise<NonNullable<RulePack["status"]>> {
  return eventually(`a verdict on ${name}`, async () => {
    const found = await bed.get<RulePack>("rulepack", name);
    const active = found?.status?.conditions?.find(({ type }) => type === "Active");
    return active?.observedGeneration === found?.metadata?.generation ? found?.status : undefined;
  });
}

function conditions({ conditions: all = [] }: NonNullable<RulePack["status"]>): Record<string, string> {
  return Object.fromEntries(all.map(({ type, status, reason }) => [type, `${status} ${reason}`]));
}

const good = { Verified: "True WrittenHere", Compiled: "True Succeeded", Tested: "True Succeeded", Active: "True InForce" };

let pods = 0;
async function tryPod(namespace: string, bad: string): Promise<KubectlResult> {
  pods += 1;
  return bed.create("admin", pod(`p-${pods}`, { labels: { bad } }), "-n", namespace);
}

/** What a pod gets once the replicas have followed. */
function eventuallySays(namespace: string, bad: string, text: string, code: number): Promise<unknown> {
  return eventually(`"${text}" for a pod that is ${bad}`, async () => {
    const answer = await tryPod(namespace, bad);
    return answer.code === code && answer.stderr.includes(text) ? true : undefined;
  });
}

async function signedBundle(files: Record<string, string>, privateKey: string): Promise<Buffer> {
  const tools = workshop(join(import.meta.dirname, "..", ".."), await obtainOpa());
  return Buffer.from(writeBundle(signFiles(await inFolder(files, (folder) => buildPack(folder, tools)), { id: "release", privateKey })));
}

test("sources in a RulePack are compiled, tested and put in force without a restart; a pod meets them", async () => {
  await bed.tenantNamespace("shop");
  expect((await apply(rulePack("aa", { source: inline(sources("aa", "one")) }))).code).toBe(0);
  const status = await settled("aa");
  expect(conditions(status)).toEqual(good);
  expect(status.active).toMatchObject({ pack: "aa", version: "1.0.0", ruleIds: ["AA-RR-001"], judges: ["AUDIT /Pod", "CREATE /Pod", "UPDATE /Pod"] });
  await eventuallySays("shop", "one", "[AA-RR-001]", 1);
  expect((await tryPod("shop", "two")).code).toBe(0);
  expect(await bed.admin(["get", "rulepack", "aa"])).toMatch(/aa\s+Standard\s+aa\s+1\.0\.0\s+True\s+InForce/);
});

test("what does not compile is refused at once, with file, line and the compiler's words; what calls out too", async () => {
  const broken = sources("bb", "x");
  const { code, stderr } = await apply(rulePack("bb", { source: inline({ ...broken, "r.rego": `${broken["r.rego"]}\nnonsense(` }) }));
  expect(code).toBe(1);
  expect(stderr).toMatch(/\[FBR_PACK_COMPILE\] refused: bb does not compile: .*r\/r\.rego:\d+: rego_parse_error/);
  const calling = { ...broken, "r.rego": `${broken["r.rego"]}\nout := http.send({})\n` };
  expect((await apply(rulePack("bb", { source: inline(calling) }))).stderr).toMatch(/r\/r\.rego:\d+: rego_type_error: undefined function http\.send/);
  expect((await apply(rulePack("bb", { source: { ...inline(broken), configMap: { name: "x" } } }))).stderr).toContain("exactly one source");
  expect((await apply(rulePack("bb", { source: { bundleFile: { path: "x.tar.gz" } } }))).stderr).toContain("a bundle needs trustedKeys");
});

test("a revision whose tests fail is not put in force: the last good one stays, and the status says why", async () => {
  const failing = {
    ...sources("aa", "one", { version: "1.1.0" }),
    "r.denied.yaml": "operation: CREATE\nobject: {apiVersion: v1, kind: Pod, metadata: {labels: {bad: no}}}\n",
  };
  expect((await apply(rulePack("aa", { source: inline(failing) }))).code).toBe(0);
  const status = await settled("aa");
  expect(conditions(status)).toEqual({ ...good, Verified: "True Succeeded", Tested: "False PackTests", Active: "True LastGoodRevision" });
  expect(status.conditions?.find(({ type }) => type === "Tested")?.message).toContain("- AA-RR-001 denied");
  expect(status.active?.version).toBe("1.0.0");
  expect((await tryPod("shop", "one")).stderr).toContain("[AA-RR-001]");
});

test("the same version with other content, and a version that goes back, are refused", async () => {
  await apply(rulePack("aa", { source: inline(sources("aa", "other")) }));
  expect(conditions(await settled("aa"))["Active"]).toBe("True LastGoodRevision");
  expect((await settled("aa")).conditions?.find(({ type }) => type === "Active")?.message).toContain("a change is a new version");
  await apply(rulePack("aa", { source: inline(sources("aa", "other", { version: "0.9.0" })) }));
  expect((await settled("aa")).conditions?.find(({ type }) => type === "Active")?.message).toContain("a revision does not go back");
  await apply(rulePack("aa", { source: inline(sources("aa", "other", { version: "2.0.0" })) }));
  expect(conditions(await settled("aa"))).toEqual(good);
  await eventuallySays("shop", "other", "[AA-RR-001]", 1);
  expect((await tryPod("shop", "one")).code).toBe(0);
});

test("a rule id that another pack has is refused, a pack of the configuration counts too; it goes well once the other is gone", async () => {
  await apply(rulePack("cc", { source: inline(sources("cc", "c", { ruleId: "AA-RR-001" })) }));
  expect((await settled("cc")).conditions?.find(({ type }) => type === "Active")?.message).toContain("aa (aa 2.0.0) has a rule AA-RR-001 already");
  await apply(rulePack("dd", { source: inline(sources("dd", "d", { ruleId: "SEG-OP-001" })) }));
  expect((await settled("dd")).conditions?.find(({ type }) => type === "Active")?.message).toContain("the configuration (segmentation-baseline)");
  await bed.admin(["delete", "rulepack", "aa", "dd"]);
  await eventually(
    "cc in force",
    async () => (conditions((await bed.get<RulePack>("rulepack", "cc"))?.status ?? {})["Active"] === "True InForce" ? true : undefined),
    90,
  );
  await eventuallySays("shop", "c", "[AA-RR-001]", 1);
  await eventually("the artefacts of the deleted ones gone", async () => {
    const names = (await bed.list("configmap", "-n", "firebreak-system", "-l", "firebreak.dev/rule-pack")).map(({ metadata }) => metadata.name);
    return names.some((name) => name.startsWith("firebreak-pack-aa-")) ? undefined : true;
  });
  await bed.admin(["delete", "rulepack", "cc"]);
});

test("stages: draft says nothing, dryrun records, warn tells, enforce refuses; the evidence says what enforcing would do", async () => {
  await bed.tenantNamespace("staged");
  const source = inline(sources("ee", "e"));
  const bound = (admission: "draft" | "dryrun" | "warn" | "enforce") =>
    rulePack("ee", { source, bindings: [{ name: "staged", namespaces: ["staged"], admission }] });
  await apply(bound("warn"));
  await settled("ee");
  await eventuallySays("staged", "e", "Warning: [EE-RR-001]", 0);
  expect((await tryPod("shop", "e")).stderr).not.toContain("EE-RR-001");
  const evidence = await eventually("evidence", async () => {
    const seen = (await bed.get<RulePack>("rulepack", "ee"))?.status?.evidence?.["staged"];
    return (seen?.wouldDeny ?? 0) > 0 ? seen : undefined;
  });
  expect(evidence).toMatchObject({ stage: "warn", errors: 0 });
  expect(evidence.evaluations).toBeGreaterThanOrEqual(evidence.wouldDeny);
  expect(Date.parse(evidence.since)).toBeLessThanOrEqual(Date.now());
  await apply(bound("dryrun"));
  await settled("ee");
  await eventually("silence", async () => ((await tryPod("staged", "e")).stderr.includes("EE-RR-001") ? undefined : true));
  await eventually("a record", async () =>
    (await bed.firebreak.lines()).some(({ results }) =>
      (results as { ruleId: string; effect: string }[] | undefined)?.some(({ ruleId, effect }) => ruleId === "EE-RR-001" && effect === "dryrun"),
    )
      ? true
      : undefined,
  );
  await apply(bound("enforce"));
  await settled("ee");
  await eventuallySays("staged", "e", "[EE-RR-001]", 1);
  const drafted = await apply(bound("draft"));
  expect(drafted.stderr).toContain("bound nowhere");
  await settled("ee");
  await eventually("silence again", async () => ((await tryPod("staged", "e")).code === 0 ? true : undefined));
  await bed.admin(["delete", "rulepack", "ee"]);
});

test("a tier is written by those who hold its verb; a lower one neither weakens nor unbinds a Mandatory pack", async () => {
  await bed.admin(["create", "clusterrolebinding", "sam-advisory", "--clusterrole=firebreak-write-advisory-packs", "--group=security-team"]);
  const files = sources("ff", "f", { params: { limit: 1 } });
  await apply(rulePack("ff", { tier: "Mandatory", source: inline(files) }));
  expect(conditions(await settled("ff"))).toEqual(good);
  await bed.tenantNamespace("old", { "firebreak.dev/mode": "observe" });
  // Mandatory in every mode.
  await eventuallySays("old", "f", "[FF-RR-001]", 1);
  const asSam = (tier: "Mandatory" | "Advisory", name = "ff-sam") =>
    apply(rulePack(name, { tier, source: inline(files), actions: { "FF-RR-001": "dryrun" } }), "security");
  // Permissions take a moment to be known.
  const refused = await eventually("an answer of the webhook", async () => {
    const answer = await asSam("Mandatory");
    return answer.stderr.includes("FBR_FORBIDDEN") ? answer : undefined;
  });
  expect(refused.stderr).toContain("sam may not write rule packs of tier Mandatory: ask for the ClusterRole firebreak-write-mandatory-packs");
  expect((await bed.kubectl("security", ["delete", "rulepack", "ff"])).stderr).toContain("may not write rule packs of tier Mandatory");
  expect((await apply(rulePack("ff", { tier: "Advisory", source: inline(files) }), "security")).stderr).toContain("tier Mandatory");
  expect((await asSam("Advisory")).code).toBe(0);
  expect(conditions(await settled("ff-sam"))).toEqual(good);
  for (const _ of [1, 2, 3]) expect((await tryPod("old", "f")).stderr).toContain("[FF-RR-001]");
  await bed.admin(["delete", "rulepack", "ff-sam"]);
});

test("two uses of one pack both hold: the stricter parameter decides, and the status says so", async () => {
  const files = testedSources({ name: "limits", bad: "zzzzz", ruleId: "LIM-RR-001", params: { longest: 3 }, body: limitBody });
  const use = (name: string, longest: number) => rulePack(name, { source: inline(files), parameters: { "LIM-RR-001": { longest } } });
  await apply(use("limits-a", 5));
  await settled("limits-a");
  expect((await tryPod("shop", "abcd")).code).toBe(0);
  await apply(use("limits-b", 2));
  expect((await settled("limits-b")).notes).toEqual(["LIM-RR-001 longest is 2 in limits-b and 5 in limits-a: both hold, the stricter decides"]);
  await eventuallySays("shop", "abcd", "[LIM-RR-001]", 1);
  const wrong = rulePack("limits-a", { source: inline(files), parameters: { "LIM-RR-001": { longest: "no number" } } });
  await apply(wrong);
  expect((await settled("limits-a")).conditions?.find(({ type }) => type === "Active")?.message).toMatch(
    /stays in force: \[FBR_PACK_INVALID\] LIM-RR-001 parameter longest/,
  );
  await bed.admin(["delete", "rulepack", "limits-a", "limits-b"]);
});

const limitBody = [
  "deny contains violation if {",
  "\tvalue := input.review.request.object.metadata.labels.bad",
  "\tcount(value) > data.params.limits.r.longest",
  '\tviolation := {"message": "m", "path": "metadata.labels.bad", "fix": "f", "details": {}}',
  "}",
].join("\n");

test("a bundle must be signed by a trusted key; another revision of the file is taken up by itself", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const trustedKeys = [{ id: "release", publicKey: publicKey.export({ type: "spki", format: "pem" }).toString() }];
  const strangers = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const folder = bed.cluster.path("packs");
  await mkdir(folder, { recursive: true });
  const spec = { source: { bundleFile: { path: "gg.tar.gz" } }, trustedKeys };
  await writeFile(join(folder, "gg.tar.gz"), await signedBundle(sources("gg", "g"), strangers));
  expect((await apply(rulePack("gg", spec))).stderr).toContain("[FBR_SIGNATURE] refused: the bundle is refused: the key release did not make its signature");
  await writeFile(join(folder, "gg.tar.gz"), await signedBundle(sources("gg", "g"), pem));
  expect((await apply(rulePack("gg", spec))).code).toBe(0);
  expect(conditions(await settled("gg"))).toEqual({ ...good, Verified: "True Signed" });
  await eventuallySays("shop", "g", "[GG-RR-001]", 1);
  await apply(rulePack("gg", { ...spec, source: { bundleFile: { path: "../../etc/passwd" } } }));
  expect((await settled("gg")).active?.version).toBe("1.0.0");
  const bundle = (await signedBundle(sources("gg", "h", { version: "1.1.0" }), pem)).toString("base64");
  await apply({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "gg", namespace: "firebreak-system" }, binaryData: { "gg.tar.gz": bundle } });
  await apply(rulePack("gg", { trustedKeys, source: { bundleConfigMap: { name: "gg", key: "gg.tar.gz" } } }));
  expect((await settled("gg")).active?.version).toBe("1.1.0");
  await eventuallySays("shop", "h", "[GG-RR-001]", 1);
  await bed.admin(["delete", "rulepack", "gg"]);
});

test("sources in a ConfigMap that comes later, and changes: each change is taken up", async () => {
  const configMap = (files: Record<string, string>) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "hh", namespace: "firebreak-system" },
    data: files,
  });
  const early = await apply(rulePack("hh", { source: { configMap: { name: "hh" } } }));
  expect(early).toMatchObject({ code: 0, stderr: expect.stringContaining("there is no ConfigMap firebreak-system/hh") });
  expect(conditions(await settled("hh"))["Active"]).toBe("False PackInvalid");
  expect((await apply(configMap(sources("hh", "h1")))).stderr).toBe("");
  await eventuallySays("shop", "h1", "[HH-RR-001]", 1);
  await apply(configMap(sources("hh", "h2", { version: "1.0.1" })));
  await eventuallySays("shop", "h2", "[HH-RR-001]", 1);
});

test("a pack that judges another kind is asked about it: the API server is told to send it, as long as the pack holds", async () => {
  const body = 'deny contains {"message": "m", "path": "metadata", "fix": "f", "details": {}} if startswith(input.review.request.object.metadata.name, "odd")';
  const files = testedSources({ name: "accounts", bad: "x", ruleId: "ACC-RR-001", body, metadata: { kinds: "[/ServiceAccount]" } });
  const request = (name: string) => `operation: CREATE\nobject: {apiVersion: v1, kind: ServiceAccount, metadata: {name: ${name}, namespace: shop}}\n`;
  const unit = (name: string) => `requests.create("ServiceAccount", {"metadata": {"name": "${name}"}})`;
  const own = {
    ...files,
    "r.denied.yaml": request("odd"),
    "r.clean.yaml": request("even"),
    "r_test.rego": `package packs.accounts.r_test\n\nimport data.lib.requests\nimport data.packs.accounts.r\n\ntest_denied if count(r.deny) == 1 with input as ${unit("odd")}\n\ntest_allowed if count(r.deny) == 0 with input as ${unit("even")}\n`,
  };
  const webhooks = async () => JSON.stringify(await bed.get("validatingwebhookconfiguration", "firebreak"));
  expect(await webhooks()).not.toContain("packs.firebreak.dev");
  await apply(rulePack("accounts", { source: inline(own) }));
  expect(conditions(await settled("accounts"))).toEqual(good);
  await eventually("a refused ServiceAccount", async () => {
    pods += 1;
    const { stderr } = await bed.kubectl("admin", ["create", "serviceaccount", `odd-${pods}`, "-n", "shop"]);
    return stderr.includes("[ACC-RR-001]") ? true : undefined;
  });
  await bed.admin(["delete", "rulepack", "accounts"]);
  await eventually("no such webhook", async () => ((await webhooks()).includes("packs.firebreak.dev") ? undefined : true));
  expect(await bed.firebreak.lines()).not.toContainEqual(expect.objectContaining({ alarm: "webhooks" }));
});

test("a pack reads what it declares of the cluster, and just that; without the permission nothing is decided, and it says what to apply", async () => {
  const declared = { name: "classes", apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", resource: "priorityclasses", fields: ["value"] };
  const body = [
    "deny contains violation if {",
    "\tsome class in data.facts.known.classes",
    "\tclass.value == 7",
    '\tinput.review.request.object.metadata.labels.bad == "known"',
    '\tviolation := {"message": sprintf("%v", [object.keys(class)]), "path": "p", "fix": "f", "details": {}}',
    "}",
  ].join("\n");
  const files = testedSources({ name: "known", bad: "known", ruleId: "KNOWN-RR-001", body, metadata: { facts: "[cluster.classes]" } });
  const own = {
    ...files,
    "pack.json": JSON.stringify({ name: "known", version: "1.0.0", tier: "Standard", facts: [declared] }),
    "r.denied.yaml": `${files["r.denied.yaml"]}cluster: {classes: {seven: {value: 7}}}\n`,
    "r_test.rego": (files["r_test.rego"] ?? "").replace('"known"}}})', '"known"}}}) with data.facts.known.classes as {"seven": {"value": 7}}'),
  };
  const undeclared = { ...own, "pack.json": JSON.stringify({ name: "known", version: "1.0.0", tier: "Standard" }) };
  await apply(rulePack("known", { source: inline(undeclared) }));
  expect((await settled("known")).conditions?.find(({ type }) => type === "Compiled")?.message).toContain(
    "KNOWN-RR-001 rests on cluster.classes, which pack.json does not declare",
  );
  await apply(rulePack("known", { source: inline(own) }));
  expect(conditions(await settled("known"))).toEqual(good);
  await eventuallySays("shop", "known", "known reads cluster.classes, which is not known now", 1);
  const folder = bed.cluster.path("known");
  await writeSources(own, folder);
  const { stdout } = await runFirebreak(["pack", "rbac", folder, "--opa", await obtainOpa()]);
  expect(JSON.parse(stdout).rules).toContainEqual({ apiGroups: ["scheduling.k8s.io"], resources: ["priorityclasses"], verbs: ["list", "watch"] });
  await bed.admin(["apply", "-f", "-"], stdout);
  await eventually("an answer", async () => ((await tryPod("shop", "known")).code === 0 ? true : undefined));
  await bed.admin(["create", "priorityclass", "seven", "--value=7"]);
  await eventuallySays("shop", "known", "[KNOWN-RR-001]", 1);
  expect((await tryPod("shop", "known")).stderr).toContain('"value"');
  await bed.admin(["delete", "rulepack", "known"]);
});

test("a restarted Firebreak holds what was in force from its first answer on; a bundle that was removed is made again", async () => {
  await bed.firebreak.stop();
  await bed.admin(["delete", "configmap", "-n", "firebreak-system", "-l", "firebreak.dev/rule-pack"]);
  const { FirebreakProcess } = await import("../../tools/cluster/firebreak-process.ts");
  bed.firebreak = await FirebreakProcess.start(bed.cluster);
  // Not allowed at any time: first not decided, then refused again.
  for (let tries = 0; tries < 20; tries++) expect((await tryPod("shop", "h2")).code).not.toBe(0);
  await eventuallySays("shop", "h2", "[HH-RR-001]", 1);
  await eventuallySays("old", "f", "[FF-RR-001]", 1);
  expect((await tryPod("shop", "fine")).code).toBe(0);
});
