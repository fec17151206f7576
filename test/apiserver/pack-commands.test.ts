import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeSources } from "../../src/guardrails/authoring/sources.ts";
import { eventually } from "../../tools/cluster/process.ts";
import { obtainOpa } from "../../tools/obtain/opa.ts";
import { type Ran, runFirebreak } from "../cli/run-firebreak.ts";
import { testedSources } from "../packs/tiny-pack.ts";
import { pod, testBed } from "./test-bed.ts";

/** A compliance team and an owner of a workload, by commands alone. */
const bed = testBed();
let folder: string;
let opa: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "firebreak-commands-"));
  opa = await obtainOpa();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function firebreak(as: "admin" | "alice" | "security" | "platform", ...args: string[]): Promise<Ran> {
  return runFirebreak(args, { cwd: folder, kubeconfig: bed.cluster.kubeconfig(as) });
}

const sources = (version: string, bad: string) =>
  writeSources(testedSources({ name: "lab", version, bad, ruleId: "LAB-RR-001" }), join(folder, `lab-${version}`));

test("a pack is applied as sources, previewed in its next revision, and applied as a signed bundle", async () => {
  await bed.tenantNamespace("shop");
  await bed.create("admin", pod("one", { labels: { bad: "one" } }), "-n", "shop");
  await bed.create("admin", pod("two", { labels: { bad: "two" } }), "-n", "shop");
  await sources("1.0.0", "one");
  await sources("1.1.0", "two");
  expect(await firebreak("admin", "pack", "apply", "lab-1.0.0")).toMatchObject({ code: 2, stderr: expect.stringContaining("which --tier") });
  const applied = await firebreak("admin", "pack", "apply", "lab-1.0.0", "--tier", "Standard", "--stage", "enforce", "--wait");
  expect(applied.code, applied.stderr + applied.stdout).toBe(0);
  expect(applied.stdout).toMatch(/rulepack\.firebreak\.dev\/lab created\n✓ Verified +WrittenHere.*\n✓ Compiled.*\n✓ Tested.*\n✓ Active +InForce/);
  const preview = await firebreak("admin", "pack", "preview", "lab-1.1.0", "--cluster", "--opa", opa, "-o", "json");
  expect(preview.code, preview.stderr).toBe(1);
  const rows = JSON.parse(preview.stdout).rows.map(
    ({ change, ruleId, namespace, owner }: Record<string, string>) => `${change} ${ruleId} ${namespace} ${owner}`,
  );
  expect(rows).toEqual(["newly allowed LAB-RR-001 shop Pod/one", "newly denied LAB-RR-001 shop Pod/two"]);
  const text = await firebreak("admin", "pack", "preview", "lab-1.1.0", "--cluster", "--opa", opa);
  expect(text.stdout).toContain("newly denied: 1\n  LAB-RR-001 in shop: Pod/two");
  await firebreak("admin", "pack", "keygen", "release");
  await firebreak("admin", "pack", "build", "lab-1.1.0", "--opa", opa, "--key", "release.key.pem", "-O", "lab.tar.gz");
  const signed = await firebreak("admin", "pack", "apply", "lab.tar.gz", "--key", "release=release.pub.pem", "--wait");
  expect(signed.code, signed.stderr).toBe(0);
  expect(signed.stdout).toContain("Signed  signed by release");
  expect((await bed.get("rulepack", "lab"))?.spec.bindings).toEqual([{ name: "everywhere", admission: "enforce", scan: "enforce", ci: "enforce" }]);
  const back = await firebreak("admin", "pack", "apply", "lab-1.0.0", "--wait");
  expect(back.code).toBe(1);
  expect(back.stdout).toContain("a revision does not go back");
});

test("check --cluster judges by the packs that are in force; --pack adds one where there is no cluster", async () => {
  const manifest = (bad: string) =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: shop, labels: {bad: ${bad}, component: c, owner: o}}\nspec: {serviceAccountName: x, containers: [{name: c, image: i}]}\n`;
  writeFileSync(join(folder, "pod.yaml"), manifest("two"));
  await eventually("the signed revision in force", async () =>
    (await firebreak("admin", "check", "pod.yaml", "--cluster")).stdout.includes("✗ denied LAB-RR-001") ? true : undefined,
  );
  expect((await firebreak("admin", "check", "pod.yaml", "--pack", "lab.tar.gz", "--mode", "enforce")).stdout).toContain("✗ denied LAB-RR-001");
  expect((await firebreak("admin", "check", "pod.yaml", "--mode", "enforce")).stdout).not.toContain("LAB-RR-001");
  const asAlice = await firebreak("alice", "check", "pod.yaml", "--cluster");
  expect(asAlice.stderr).toMatch(/may not be listed|cannot|forbidden/);
});

test("an exemption is asked for, read, approved and seen by webhook and command line; an approval can be signed for Git", async () => {
  await bed.admin(["create", "clusterrolebinding", "ask", "--clusterrole=firebreak-request-exemptions", "--group=acme-developers"]);
  await bed.admin(["create", "clusterrolebinding", "approve", "--clusterrole=firebreak-approve-exemptions", "--group=security-team"]);
  await bed.admin(["create", "clusterrolebinding", "glass", "--clusterrole=firebreak-break-glass", "--group=platform-team"]);
  const expires = new Date(Date.now() + 5 * 24 * 3_600_000).toISOString();
  const spec = { rules: [{ id: "LAB-RR-001" }], subject: { namespace: "shop" }, reason: "the lab is only a test", ticket: "T-1", expires };
  const exemption = { apiVersion: "firebreak.dev/v1alpha1", kind: "Exemption", metadata: { name: "lab" }, spec };
  await bed.create("alice", exemption);
  const shown = await firebreak("security", "exemption", "show", "lab");
  expect(shown.stdout).toMatch(/asked by +alice/);
  const digest = /--digest (sha256:\S+)/.exec(shown.stdout)?.[1] as string;
  expect(await firebreak("security", "exemption", "approve", "lab", "--digest", digest.replace(/.$/, "0").replace(/..$/, "zz"))).toMatchObject({ code: 2 });
  expect((await firebreak("alice", "exemption", "approve", "lab", "--digest", digest)).code).toBe(2);
  expect(await firebreak("security", "exemption", "approve", "lab", "--digest", digest)).toMatchObject({ code: 0 });
  await eventually("an exempted pod", async () =>
    (await bed.create("admin", pod(`x-${Date.now()}`, { labels: { bad: "two" } }), "-n", "shop")).code === 0 ? true : undefined,
  );
  expect((await firebreak("admin", "check", "pod.yaml", "--cluster")).stdout).toContain("· exempted LAB-RR-001");
  writeFileSync(join(folder, "exemption.json"), JSON.stringify(exemption));
  const signed = JSON.parse((await firebreak("alice", "exemption", "sign", "exemption.json", "--key", "release.key.pem", "--key-id", "release")).stdout);
  expect(signed).toMatchObject({ kind: "ExemptionApproval", spec: { exemption: "lab", specDigest: digest, signature: { keyId: "release" } } });
  expect(readFileSync(join(folder, "release.pub.pem"), "utf8")).toContain("PUBLIC KEY");
});

test("breakglass needs a reason and the verb, and says when it ends", async () => {
  expect(await firebreak("platform", "breakglass")).toMatchObject({ code: 2, stderr: expect.stringContaining("--reason") });
  expect(await firebreak("alice", "breakglass", "--reason", "INC-7: the shop is down")).toMatchObject({ code: 2 });
  const broken = await firebreak("platform", "breakglass", "--reason", "INC-7: the shop is down", "--for", "2m", "-n", "shop");
  expect(broken).toMatchObject({ code: 0, stdout: expect.stringMatching(/nothing but Mandatory rules refuses in shop until/) });
});
