import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compiled, tinySources } from "../../test/packs/tiny-pack.ts";
import type { GuardrailQuestion } from "../admission/ports.ts";
import { writeSources } from "./authoring/sources.ts";
import { GuardrailEngine } from "./engine.ts";
import { EvaluatorPool } from "./evaluator-pool.ts";
import { findingsOf } from "./findings.ts";
import type { JudgeOptions } from "./judge.ts";
import { loadPack, type Pack, packFrom } from "./pack.ts";
import { configuredUse } from "./pack-use.ts";

const policies = join(import.meta.dirname, "..", "..", "policies");
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "firebreak-packs-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Compiles a pack of one rule whose body a test gives, and loads it. */
async function packOf(name: string, body: string, tier = "Standard"): Promise<Pack> {
  return packFrom(await filesOf(name, body, tier));
}

async function filesOf(name: string, body: string, tier = "Standard") {
  await writeSources(tinySources({ name, body, tier }), join(folder, name));
  return compiled(join(folder, name));
}

const options: JudgeOptions = { workers: 1, evaluationMillis: 2000, maxQueue: 100, log: () => {} };
const asked = (pack: Pack, rules: Pack["catalogue"]["rules"] = pack.catalogue.rules) => ({
  use: configuredUse(pack),
  rules,
  question: { attributes: { uid: "u-1" } as never, enclave: false },
  binding: "configuration",
  stage: "enforce" as const,
});
const violation = '{"message": "m", "path": "p[0]", "fix": "f", "details": {}}';

function question(object: object, extra: object = {}): GuardrailQuestion {
  const request = { uid: "u-1", operation: "CREATE", kind: { group: "", version: "v1", kind: "Pod" }, object, ...extra };
  const review = new TextEncoder().encode(JSON.stringify({ request }));
  return {
    attributes: request as never,
    review,
    facts: {},
    effect: {},
    effectBefore: {},
    point: "admission",
    place: { namespace: "shop", labels: {} },
    enclave: false,
    now: new Date(),
  };
}

test("a stuck evaluation is ended for its own request alone, and the next ones are answered", async () => {
  const pack = await packOf(
    "stuck",
    `deny contains ${violation} if {\n\tinput.review.request.object.loop\n\tsome a in numbers.range(1, 3000)\n\tsome b in numbers.range(1, 3000)\n\tsome c in numbers.range(1, 3000)\n\ta + b + c == -1\n}`,
  );
  const engine = new GuardrailEngine([configuredUse(pack)], options);
  const stuck = engine.judge(question({ loop: true }));
  const others = [1, 2, 3].map(() => engine.judge(question({ loop: false })));
  await expect(stuck).rejects.toMatchObject({ code: expect.stringMatching(/FBR_DEADLINE|FBR_EVALUATION_FAILED/), refuses: false });
  for (const answer of await Promise.all(others)) expect(answer.findings).toEqual([]);
  await engine.close();
});

test("a Mandatory pack that does not answer refuses; any other asks for a retry", async () => {
  const body = `deny contains ${violation} if {\n\tsome a in numbers.range(1, 3000)\n\tsome b in numbers.range(1, 3000)\n\tsome c in numbers.range(1, 3000)\n\ta + b + c == -1\n}`;
  const engine = new GuardrailEngine([configuredUse(await packOf("stuck_mandatory", body, "Mandatory"))], options);
  await expect(engine.judge(question({}))).rejects.toMatchObject({ refuses: true });
  await engine.close();
});

test("an evaluation that eats memory ends at the limit, and the next one is answered", async () => {
  const pack = await packOf(
    "hungry",
    `deny contains ${violation} if {\n\tinput.review.request.object.eat\n\tcount([[a, b, "xxxxxxxxxxxxxxxxxxxxxxxx"] | some a in numbers.range(1, 5000); some b in numbers.range(1, 5000)]) == 1\n}`,
  );
  const engine = new GuardrailEngine([configuredUse(pack)], { ...options, evaluationMillis: 8000 });
  await expect(engine.judge(question({ eat: true }))).rejects.toMatchObject({ code: "FBR_EVALUATION_FAILED" });
  expect((await engine.judge(question({ eat: false }))).findings).toEqual([]);
  await engine.close();
});

test("more questions than the queue holds are answered: overloaded", async () => {
  const pack = await loadPack(join(policies, "..", "dist", "packs", "segmentation_baseline.tar.gz"));
  const engine = new GuardrailEngine([configuredUse(pack)], { ...options, maxQueue: 1 });
  const answers = await Promise.allSettled([1, 2, 3, 4].map(() => engine.judge(question({}))));
  const rejected = answers.filter((answer) => answer.status === "rejected");
  expect(rejected.length).toBeGreaterThan(0);
  for (const { reason } of rejected) expect(reason.code).toBe("FBR_OVERLOADED");
  await engine.close();
});

test("what opa-wasm would read as empty input never passes: the uid is not echoed", async () => {
  const pack = await loadPack(join(policies, "..", "dist", "packs", "segmentation_baseline.tar.gz"));
  const pool = new EvaluatorPool(pack, options);
  const bytes = new TextEncoder().encode('{"review":{"request":{"uid":"u-1"');
  const inputs: unknown[] = [bytes.buffer, Buffer.from("{}"), new Uint8Array([123, 125]), null, undefined, new ArrayBuffer(0)];
  for (const input of inputs) {
    const outcome = await pool.evaluate(input as ArrayBuffer).then(
      ({ result }) => {
        try {
          return findingsOf(asked(pack), result);
        } catch (thrown) {
          return thrown;
        }
      },
      (thrown: unknown) => thrown,
    );
    expect(outcome).toMatchObject({ code: "FBR_EVALUATION_FAILED" });
  }
  await pool.close();
});

test("where one question of a batch is stuck, the others of that batch are answered", async () => {
  // A search that goes on without taking memory: else the limit of memory would end it first.
  const pack = await packOf(
    "stuck_in_a_batch",
    `deny contains ${violation} if {\n\tsome a in numbers.range(1, 1000)\n\tcontains(input.review.request.object.text, concat("", [input.review.request.object.wanted, format_int(a, 10)]))\n}`,
  );
  const engine = new GuardrailEngine([configuredUse(pack)], { ...options, evaluationMillis: 500 });
  const endless = { text: "a".repeat(300_000), wanted: "a".repeat(2000) };
  const asked = Array.from({ length: 6 }, (_, index) => engine.judge(question(index === 3 ? endless : {})));
  const outcomes = await Promise.allSettled(asked);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled", "rejected", "fulfilled", "fulfilled"]);
  expect(outcomes[3]).toMatchObject({ reason: { code: "FBR_DEADLINE" } });
  await engine.close();
});

test("an answer for another request is no answer", async () => {
  const pack = await loadPack(join(policies, "..", "dist", "packs", "segmentation_baseline.tar.gz"));
  expect(() => findingsOf(asked(pack), { uid: "u-2", violations: [], previous: [] })).toThrow("did not echo the uid");
  expect(() => findingsOf(asked(pack, []), { uid: "u-1", violations: [{ rule: "x", message: "", path: "", fix: "", details: null }], previous: [] })).toThrow(
    "was not asked",
  );
});

test("a result of another shape is the pack's error", async () => {
  const engine = new GuardrailEngine([configuredUse(await packOf("misshapen", 'deny contains {"msg": "m"} if true'))], options);
  await expect(engine.judge(question({}))).rejects.toThrow("wrong shape");
  await engine.close();
});

test.each([
  ["http.send", 'http.send({"method": "get", "url": "http://127.0.0.1"}).status_code == 200'],
  ["time.now_ns", "time.now_ns() > 0"],
  ["opa.runtime", "opa.runtime().env"],
  ["rand.intn", 'rand.intn("x", 9) > 1'],
])("%s is refused at compile time", async (builtin, condition) => {
  await expect(packOf(`forbidden_${builtin.replace(".", "_")}`, `deny contains ${violation} if ${condition}`)).rejects.toThrow(builtin);
});

test("a module that calls out of itself for anything else is refused at load", async () => {
  const files = await filesOf("calls_out", `deny contains ${violation} if count(sprintf("%d", [1])) == 2`);
  expect((await packFrom(files)).catalogue.rules).toHaveLength(1);
  const wasm = Buffer.from(files.get("policy.wasm") as Uint8Array);
  wasm.write("yaml.is", wasm.indexOf("sprintf"));
  await expect(packFrom(new Map([...files, ["policy.wasm", wasm]]))).rejects.toMatchObject({ code: "FBR_PACK_BUILTIN" });
});

test("parameters are completed with the pack's own, and unknown ones are named", async () => {
  const baseline = join(policies, "..", "dist", "packs", "segmentation_baseline.tar.gz");
  const pack = await loadPack(baseline, { parameters: { "SEG-EG-001": { maxPublicIpv4: 5 } } });
  expect(pack.data.params["segmentation_baseline"]?.["seg_eg_001"]).toMatchObject({ maxPublicIpv4: 5, maxPublicIpv6Networks: 2 ** 32 });
  await expect(loadPack(baseline, { parameters: { "SEG-EG-001": { typo: 1 } } })).rejects.toThrow("SEG-EG-001 has no parameter typo");
  await expect(loadPack(baseline, { parameters: { "SEG-XX-999": {} } })).rejects.toThrow("SEG-XX-999");
  await expect(loadPack(join(folder, "nowhere"))).rejects.toMatchObject({ code: "FBR_PACK_INVALID" });
});

test("the ratchet knows a violation again when the list before it grew, and counts it", async () => {
  const pack = await packOf(
    "ratchet",
    'deny contains {"message": "m", "path": sprintf("items[%d]", [i]), "fix": "f", "details": {"bad": x}} if {\n\tsome i, x in input.review.request.object.items\n\tx == "bad"\n}',
  );
  const engine = new GuardrailEngine([configuredUse(pack)], options);
  const judged = await engine.judge(question({ items: ["good", "bad", "bad"] }, { operation: "UPDATE", oldObject: { items: ["bad"] } }));
  expect(judged.findings.map(({ preExisting }) => preExisting).sort()).toEqual([false, true]);
  await engine.close();
});

test("a rule that measures: less of the same is no new violation, more is", async () => {
  const pack = await packOf(
    "measured",
    'deny contains {"message": "m", "path": "p", "fix": "f", "details": {}, "amount": input.review.request.object.open} if input.review.request.object.open > 10',
  );
  const engine = new GuardrailEngine([configuredUse(pack)], options);
  const preExisting = async (open: number) =>
    (await engine.judge(question({ open }, { operation: "UPDATE", oldObject: { open: 50 } }))).findings.map((finding) => finding.preExisting);
  expect(await preExisting(40)).toEqual([true]);
  expect(await preExisting(50)).toEqual([true]);
  expect(await preExisting(60)).toEqual([false]);
  await engine.close();
});
