import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { obtainOpa } from "../../tools/obtain/opa.ts";
import { type Ran, runFirebreak } from "./run-firebreak.ts";

let folder: string;
let opa: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "firebreak-pack-cli-"));
  opa = await obtainOpa();
  expect((await pack("init", "fin_guard")).code).toBe(0);
  expect((await pack("keygen", "release")).code).toBe(0);
  const built = await pack("build", "fin_guard", "--key", "release.key.pem", "--opa", opa);
  expect(built.code, built.stderr).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bundle = "fin-guard-0.1.0.tar.gz";

function pack(...args: string[]): Promise<Ran> {
  return runFirebreak(["pack", ...args], { cwd: folder });
}

/** The sources again, with something in them replaced. */
function variant(name: string, ...replacements: readonly (readonly [file: string, from: string, to: string])[]): string {
  cpSync(join(folder, "fin_guard"), join(folder, name), { recursive: true });
  for (const [file, from, to] of replacements) {
    const path = join(folder, name, file);
    const text = readFileSync(path, "utf8");
    expect(text).toContain(from);
    writeFileSync(path, text.replaceAll(from, to));
  }
  return name;
}

const rule = "fin_im_001/fin_im_001.rego";
const newer = ["pack.json", "0.1.0", "0.2.0"] as const;

test("init writes a pack that passes, and nothing over what is there", async () => {
  expect(await pack("test", "fin_guard", "--opa", opa)).toMatchObject({ code: 0, stdout: "fin-guard 0.1.0: 4 Rego tests and 2 of 2 cases pass\n" });
  expect(await pack("init", "fin_guard")).toMatchObject({ code: 2, stderr: expect.stringContaining("is not empty") });
  expect(await pack("init", "No Pack")).toMatchObject({ code: 2, stderr: expect.stringContaining("cannot be the name") });
});

test("what does not compile is told with file, line and the compiler's words", async () => {
  const { code, stderr } = await pack(
    "test",
    variant("reaches_out", [rule, "registries :=", "registries := http.send({}) if true\n\nothers :="]),
    "--opa",
    opa,
  );
  expect(code).toBe(2);
  expect(stderr).toMatch(/\[FBR_PACK_COMPILE\].* fin_im_001\/fin_im_001\.rego:\d+: rego_type_error: undefined function http\.send/);
});

test("a failing case is shown as a comparison; nothing is built then", async () => {
  const louder = variant("louder", [rule, "action: warn", "action: deny"]);
  const tested = await pack("test", louder, "--opa", opa);
  expect(tested.code).toBe(1);
  expect(tested.stdout).toContain("- FIN-IM-001 warned\n    + FIN-IM-001 deny at spec.containers[0].image: the image of container c");
  expect(await pack("build", louder, "--opa", opa, "-O", "louder.tar.gz")).toMatchObject({ code: 1, stderr: expect.stringContaining("FBR_PACK_TESTS") });
  expect(await pack("inspect", "louder.tar.gz")).toMatchObject({ code: 2 });
});

test("Rego that no test reaches, a rule without a test and one without a case fail", async () => {
  const unreached = variant("unreached", [rule, "registries :=", 'unreached if input.never == "so"\n\nregistries :=']);
  expect((await pack("test", unreached, "--opa", opa)).stdout).toMatch(/fin_im_001\.rego:\d+-\d+: no Rego test reaches it/);
  const untested = variant("untested");
  rmSync(join(folder, untested, "fin_im_001", "fin_im_001_test.rego"));
  rmSync(join(folder, untested, "fin_im_001", "examples", "clean.yaml"));
  const { stdout } = await pack("test", untested, "--opa", opa);
  expect(stdout).toContain("it has no Rego test");
  expect(stdout).toContain("FIN-IM-001 has no case that it leaves alone");
});

test("the same sources in another folder are the same bytes", async () => {
  await pack("build", "fin_guard", "--opa", opa, "-O", "one.tar.gz");
  await pack("build", variant("copy"), "--opa", opa, "-O", "two.tar.gz");
  expect(readFileSync(join(folder, "one.tar.gz"))).toEqual(readFileSync(join(folder, "two.tar.gz")));
});

test("verify accepts what was signed by a trusted key, and nothing else", async () => {
  expect(await pack("verify", bundle, "--key", "release.pub.pem")).toMatchObject({ code: 0, stdout: expect.stringContaining("signed by release") });
  expect(await pack("verify", bundle, "--key", "another=release.pub.pem")).toMatchObject({ code: 1, stderr: expect.stringContaining("not trusted here") });
  expect(await pack("verify", "one.tar.gz", "--key", "release.pub.pem")).toMatchObject({ code: 1, stderr: expect.stringContaining("it is not signed") });
  expect(await pack("verify", bundle)).toMatchObject({ code: 2 });
  expect((await pack("sign", "one.tar.gz", "--key", "release.key.pem")).code).toBe(0);
  expect((await pack("verify", "one.tar.gz", "--key", "release.pub.pem")).code).toBe(0);
});

test("an older bundle, and the same version with other content, are refused", async () => {
  const build = (sources: string, out: string) => pack("build", sources, "--opa", opa, "--key", "release.key.pem", "-O", out);
  await build(variant("next", newer), "next.tar.gz");
  await build(
    variant("same", [rule, "container %v is", "container %v here is"], ["fin_im_001/examples/warned.yaml", "container c is", "container c here is"]),
    "same.tar.gz",
  );
  const after = (name: string, installed: string) => pack("verify", name, "--key", "release.pub.pem", "--newer-than", installed);
  expect((await after("next.tar.gz", bundle)).code).toBe(0);
  expect(await after(bundle, "next.tar.gz")).toMatchObject({ code: 1, stderr: expect.stringContaining("0.1.0 is older than 0.2.0") });
  expect(await after("same.tar.gz", bundle)).toMatchObject({ code: 1, stderr: expect.stringContaining("a change is a new version") });
});

test("OPA itself accepts the bundle and its signature, and refuses it under another key", async () => {
  await pack("keygen", "other");
  const verified = (key: string) => [
    "build",
    "-b",
    bundle,
    "--verification-key",
    key,
    "--verification-key-id",
    "release",
    "--signing-alg",
    "EdDSA",
    "-o",
    "out.tar.gz",
  ];
  execFileSync(opa, verified("release.pub.pem"), { cwd: folder, stdio: "pipe" });
  const refused = spawnSync(opa, verified("other.pub.pem"), { cwd: folder, encoding: "utf8" });
  expect(refused.status).not.toBe(0);
  expect(refused.stdout + refused.stderr).toMatch(/verif/);
});

test("diff says in words what changes; inspect shows what is in it", async () => {
  expect(await pack("diff", bundle, "fin_guard", "--opa", opa)).toMatchObject({ code: 0, stdout: "fin-guard 0.1.0 → fin-guard 0.1.0: nothing changes\n" });
  const changed = variant(
    "changed",
    newer,
    [rule, "action: warn", "action: deny"],
    [rule, ", batch/CronJob", ""],
    [rule, "severity: medium", "severity: high"],
    [rule, 'split(found.container.image, "/")[0]', 'trim(split(found.container.image, "/")[0], " ")'],
    ["params.json", '"registry.example"', '"registry.example", "mirror.example"'],
  );
  const { code, stdout } = await pack("diff", bundle, changed, "--opa", opa);
  expect(code).toBe(1);
  expect(stdout.split("\n").map((line) => line.trim().replace(/\s+/g, " "))).toEqual([
    "fin-guard 0.1.0 → fin-guard 0.2.0",
    "▲ tighter FIN-IM-001 by default it refuses, before it was: warns",
    "▲ tighter FIN-IM-001 its severity is high, before it was: medium",
    "▼ looser FIN-IM-001 it judges kind batch/CronJob no more",
    '~ changed FIN-IM-001 the default of registries is ["registry.example","mirror.example"], before it was ["registry.example"]',
    "~ changed FIN-IM-001 its Rego changed: a preview shows what that does",
    "",
  ]);
  const inspected = JSON.parse((await pack("inspect", bundle, "-o", "json")).stdout);
  expect(inspected).toMatchObject({ schema: "firebreak.pack/1", signedBy: "release", tests: { rego: { passed: 4 } } });
});
