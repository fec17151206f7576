import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { GuardrailQuestion } from "../../src/admission/ports.ts";
import { writeSources } from "../../src/guardrails/authoring/sources.ts";
import { GuardrailEngine } from "../../src/guardrails/engine.ts";
import { packFrom } from "../../src/guardrails/pack.ts";
import type { PackUse } from "../../src/guardrails/pack-use.ts";
import type { Tier } from "../../src/model/decision.ts";
import type { Stage } from "../../src/model/rule-pack.ts";
import { compiled, tinySources } from "./tiny-pack.ts";

/** Packs that really do it. Each harms its own request alone, ends in time, and is named. */
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "firebreak-hostile-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const object = "input.review.request.object";
const violation = (message = '"m"') => `{"message": ${message}, "path": "p", "fix": "f", "details": {}}`;

async function useOf(name: string, body: string, tier: Tier = "Standard", stage: Stage = "enforce"): Promise<PackUse> {
  const sources = join(folder, name);
  await writeSources(tinySources({ name, body }), sources);
  return { name, pack: await packFrom(await compiled(sources)), tier, priority: 0, bindings: [{ name: "all", admission: stage }] };
}

const quarantines: [string, boolean][] = [];
const evaluationMillis = 1500;

function engineOf(...uses: PackUse[]): GuardrailEngine {
  return new GuardrailEngine(uses, {
    workers: 2,
    evaluationMillis,
    maxQueue: 100,
    log: () => {},
    onQuarantine: (pack, quarantined) => quarantines.push([pack, quarantined]),
  });
}

function question(some: object): GuardrailQuestion {
  const request = { uid: "u-1", operation: "CREATE", kind: { group: "", version: "v1", kind: "Pod" }, object: some };
  const review = new TextEncoder().encode(JSON.stringify({ request }));
  const place = { namespace: "shop", labels: {} };
  return { attributes: request as never, review, facts: {}, effect: {}, effectBefore: {}, point: "admission", place, enclave: false, now: new Date() };
}

test.each([
  ["it reaches out", "http.send", 'http.send({"method": "get", "url": "http://127.0.0.1"}).status_code == 200'],
  ["it looks names up", "net.lookup_ip_addr", 'count(net.lookup_ip_addr("localhost")) > 0'],
  ["it reads the clock", "time.now_ns", "time.now_ns() > 0"],
  ["it reads the environment", "opa.runtime", "opa.runtime().env"],
  ["it draws lots", "rand.intn", 'rand.intn("x", 9) > 1'],
  ["it makes an id", "uuid.rfc4122", 'uuid.rfc4122("x") != ""'],
  ["it prints secrets by trace", "trace", 'trace("x")'],
  ["it has the host backtrack", "regex.split", `count(regex.split("(x+x+)+y", ${object}.text)) > 0`],
])("%s: refused by the compiler", async (_, builtin, condition) => {
  await expect(useOf(`bad_${builtin.replaceAll(".", "_")}`, `deny contains ${violation()} if ${condition}`)).rejects.toMatchObject({
    code: "FBR_PACK_COMPILE",
    message: expect.stringContaining(`undefined function ${builtin}`),
  });
});

const bombs: readonly (readonly [name: string, body: string])[] = [
  [
    "an exponential rule",
    `deny contains ${violation()} if {\n\t${object}.bomb\n\tsome a in numbers.range(1, 3000)\n\tsome b in numbers.range(1, 3000)\n\tsome c in numbers.range(1, 3000)\n\ta + b + c == -1\n}`,
  ],
  [
    "a memory hog",
    `deny contains ${violation()} if {\n\t${object}.bomb\n\tcount([[a, b, "xxxxxxxxxxxxxxxx"] | some a in numbers.range(1, 5000); some b in numbers.range(1, 5000)]) == 1\n}`,
  ],
  ["a wide sprintf", `deny contains ${violation('sprintf("%90000000s", ["x"])')} if ${object}.bomb`],
  ["forty wide sprintfs", `deny contains ${violation('sprintf("%90000000s%d", ["x", n])')} if {\n\t${object}.bomb\n\tsome n in numbers.range(1, 40)\n}`],
  [
    "a long sprintf",
    `deny contains ${violation('sprintf("%s%s", [text, text])')} if {\n\t${object}.bomb\n\ttext := concat("", [s | some _ in numbers.range(1, 50000); s := "abcdefgh"])\n}`,
  ],
  ["a flood of violations", `deny contains ${violation('sprintf("%d", [n])')} if {\n\t${object}.bomb\n\tsome n in numbers.range(1, 60000)\n}`],
  ["a result of another shape", `deny contains {"message": "m"} if ${object}.bomb`],
  ["a result that is no object", `deny contains 5 if ${object}.bomb`],
  ["a result that is no set", `deny := {"m": ${violation()}} if ${object}.bomb`],
  ["a text in place of a set", `deny := "no" if ${object}.bomb`],
  ["a field too many", `deny contains object.union(${violation()}, {"allowed": true}) if ${object}.bomb`],
];

test.each(bombs)("%s ends for its own request alone", async (name, body) => {
  const engine = engineOf(await useOf(`bomb_${name.replaceAll(/\W/g, "_")}`, body));
  await engine.ready();
  const bomb = engine.judge(question({ bomb: true }));
  const others = [1, 2, 3, 4].map(() => engine.judge(question({})));
  await expect(bomb).rejects.toMatchObject({ code: expect.stringMatching(/^FBR_(DEADLINE|EVALUATION_FAILED)$/), message: expect.stringContaining("bomb-") });
  for (const other of await Promise.all(others)) expect(other.findings).toEqual([]);
  await engine.close();
});

const patterns = ["(x+x+)+y", "(a|aa)+$", "((((x{1,9}){1,9}){1,9}){1,9})*y", "(.*)*(.*)*(.*)*[^x]$"];

test.each(patterns)("a regular expression that would backtrack (%s) takes time linear in the text", async (pattern) => {
  const engine = engineOf(await useOf("regular", `deny contains ${violation()} if regex.match(${object}.pattern, ${object}.text)`));
  await engine.ready();
  const judged = engine.judge(question({ pattern, text: "x".repeat(100_000) }));
  // An expression that is too large for RE2 is an error of the pack; none runs into the deadline.
  const outcome = await judged.then(
    () => "answered",
    (thrown: { code: string }) => thrown.code,
  );
  expect(["answered", "FBR_EVALUATION_FAILED"]).toContain(outcome);
  await engine.close();
});

const loop = bombs[2]?.[1] as string;

test.each(["Mandatory", "Standard"] as const)("a %s pack that trips three times in a minute is kept out: it refuses, with an alarm", async (tier) => {
  const name = `tripping_${tier.toLowerCase()}`;
  const engine = engineOf(await useOf(name, loop, tier));
  for (const _ of [1, 2, 3]) await expect(engine.judge(question({ bomb: true }))).rejects.toMatchObject({ code: "FBR_EVALUATION_FAILED" });
  await expect(engine.judge(question({}))).rejects.toMatchObject({ code: "FBR_PACK_QUARANTINED", refuses: tier === "Mandatory" });
  expect(quarantines).toContainEqual([name, true]);
  await engine.replace([await useOf(`${name}_mended`, `deny contains ${violation()} if ${object}.bad`, tier)]);
  expect((await engine.judge(question({}))).findings).toEqual([]);
  await engine.close();
});

test("what stands in a cluster does not keep a pack from judging what comes: a scan never puts one in quarantine", async () => {
  const use = await useOf("scanned", loop);
  const engine = engineOf({ ...use, bindings: [{ name: "all", admission: "enforce", scan: "enforce" }] });
  for (const _ of [1, 2, 3, 4])
    await expect(engine.judge({ ...question({ bomb: true }), point: "scan" })).rejects.toMatchObject({ code: "FBR_EVALUATION_FAILED" });
  expect((await engine.judge(question({}))).findings).toEqual([]);
  await engine.close();
});

test("a pack that is only watched, or Advisory, stands in nobody's way when it fails; it is told", async () => {
  const watched = await useOf("watched", loop, "Standard", "warn");
  const advisory = await useOf("advisory", loop, "Advisory");
  const engine = engineOf(watched, advisory);
  const judged = await engine.judge(question({ bomb: true }));
  expect(judged.findings).toEqual([]);
  expect(judged.evaluated.map(({ rulePack, failure }) => [rulePack, failure?.split(":")[0]])).toEqual([
    ["watched", "FBR_EVALUATION_FAILED"],
    ["advisory", "FBR_EVALUATION_FAILED"],
  ]);
  await engine.close();
});

test("a module that is no module, runs as soon as it stands, or has no rules is refused at load", async () => {
  const sources = join(folder, "no_module");
  await writeSources(tinySources({ name: "no_module", body: `deny contains ${violation()} if ${object}.bad` }), sources);
  const files = await compiled(sources);
  const withModule = (bytes: Uint8Array) => packFrom(new Map([...files, ["policy.wasm", bytes]]));
  await expect(withModule(Buffer.from("no wasm"))).rejects.toMatchObject({ code: "FBR_PACK_INVALID" });
  // (module (func $f (loop br 0)) (start $f))
  const endless = Buffer.from("0061736d010000000104016000000302010008010" + "00a0901070003400c000b0b", "hex");
  await expect(withModule(endless)).rejects.toMatchObject({ code: "FBR_PACK_INVALID" });
  // (module)
  await expect(withModule(Buffer.from("0061736d01000000", "hex"))).rejects.toMatchObject({ code: "FBR_PACK_INVALID" });
});
