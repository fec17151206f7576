import { afterAll, beforeAll, expect, test } from "vitest";
import { decodeReview } from "../../src/admission/review.ts";
import { caseModel } from "../../src/cli/pack-cases.ts";
import type { GuardrailEngine } from "../../src/guardrails/engine.ts";
import { core, factsOf, realGuardrails } from "./core.ts";
import { type ExampleFile, exampleFiles, exampleParameters, reviewOf } from "./example.ts";

let usual: GuardrailEngine;
const special = new Map<string, GuardrailEngine>();

beforeAll(async () => {
  usual = await realGuardrails();
  for (const [ruleId, parameters] of Object.entries(exampleParameters)) {
    special.set(ruleId, await realGuardrails({ parameters: { [ruleId]: parameters } }, 1));
  }
});
afterAll(() => Promise.all([usual, ...special.values()].map((engine) => engine.close())));

test("every rule has an example that it objects to and one that it leaves alone", () => {
  const byRule = Map.groupBy(exampleFiles, ({ ruleId }) => ruleId);
  expect(byRule.size).toBe(70);
  for (const [rule, examples] of byRule) {
    const expected = examples.map((example) => example.expected);
    expect(expected, rule).toContain("clean");
    expect(
      expected.some((one) => one !== "clean"),
      rule,
    ).toBe(true);
  }
});

test.each(exampleFiles)("$file", async ({ ruleId, expected, example }: ExampleFile) => {
  const review = reviewOf(example);
  const decoded = decodeReview(review, "validating");
  if (!decoded.ok) throw new Error(decoded.message);
  const admission = core(special.get(ruleId) ?? usual, factsOf(example), { current: () => caseModel(example) });
  const decision = await admission.decide({ attributes: decoded.attributes, review, deadline: Date.now() + 5000, failurePolicy: "Fail" });
  expect(decision.failure).toBeUndefined();
  // What is only noted is told to nobody: an example of one rule need not be a whole cluster to another.
  if (expected === "clean") expect(decision.results.filter(({ ruleId: found, effect }) => found === ruleId || effect !== "dryrun")).toEqual([]);
  else {
    const effects = decision.results.filter((result) => result.ruleId === ruleId).map(({ effect }) => effect);
    expect(effects).toContain({ denied: "deny", warned: "warn", noted: "dryrun", exempted: "exempted" }[expected]);
  }
  expect(decision.outcome).toBe(expected === "denied" ? "refused" : "allowed");
});
