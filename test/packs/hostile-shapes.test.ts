import { afterAll, beforeAll, expect, test } from "vitest";
import { decodeReview } from "../../src/admission/review.ts";
import type { GuardrailEngine } from "../../src/guardrails/engine.ts";
import { valueAt } from "../../src/model/workload.ts";
import { size } from "../size.ts";
import { core, factsOf, realGuardrails } from "./core.ts";
import { type Example, type ExampleFile, exampleFiles, exampleParameters, reviewOf } from "./example.ts";

/**
 * Every value of every example, replaced by values of other shapes, one at a time: a rule may say anything, but it must answer.
 * An API server checks the shapes of its own kinds; those of custom resources without a schema, and files, come as they are.
 */
const shapes: readonly unknown[] = [null, 7, -1.5, "x", "", true, [], [null], {}, { constructor: 1 }, [["x"]], "\u0000"];
/** Of so many replacements one is tried. */
const every = size(9, 1);
let guardrails: GuardrailEngine;

beforeAll(async () => {
  guardrails = await realGuardrails({ parameters: exampleParameters });
});
afterAll(() => guardrails.close());

test.each(exampleFiles)("$file", async ({ example }: ExampleFile) => {
  const failures: string[] = [];
  const variants = variantsOf(example);
  await Promise.all(
    variants.map(async ({ place, variant }) => {
      const review = reviewOf(variant);
      const decoded = decodeReview(review, "validating");
      // What the decoder refuses never comes to the rules.
      if (!decoded.ok) return;
      const context = { attributes: decoded.attributes, review, deadline: Date.now() + 60_000, failurePolicy: "Fail" } as const;
      const { failure } = await core(guardrails, factsOf(example)).decide(context);
      if (failure !== undefined) failures.push(`${place}: ${failure.code} ${failure.message}`);
    }),
  );
  expect(failures).toEqual([]);
  expect(variants.length).toBeGreaterThan(0);
});

function variantsOf(example: Example): { place: string; variant: Example }[] {
  const sides = (["object", "oldObject"] as const).filter((side) => example[side] !== undefined);
  const all = sides.flatMap((side) =>
    placesOf(example[side], [side]).flatMap((steps) =>
      [...shapes, ...asMap(valueAt(example, steps))].map((shape) => ({
        place: `${steps.join(".")} = ${JSON.stringify(shape)}`,
        variant: replaced(example, steps, shape) as Example,
      })),
    ),
  );
  return all.filter((_, index) => index % every === 0);
}

/** A list as a map of the same things: what counts positions meets a name. */
function asMap(value: unknown): unknown[] {
  return Array.isArray(value) && value.length > 0 ? [{ position: value[0] }] : [];
}

/** Every place below `metadata`, `spec` and the like; `apiVersion` and `kind` say which rules are asked. */
function placesOf(value: unknown, at: readonly string[]): string[][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => (key === "apiVersion" || key === "kind" ? [] : [[...at, key], ...placesOf(child, [...at, key])]));
}

function replaced(value: unknown, [step, ...rest]: readonly string[], by: unknown): unknown {
  if (step === undefined) return by;
  const copy = Array.isArray(value) ? [...value] : { ...(value as object) };
  (copy as Record<string, unknown>)[step] = replaced((value as Record<string, unknown>)[step], rest, by);
  return copy;
}
