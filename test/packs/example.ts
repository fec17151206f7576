import { join } from "node:path";
import { type CaseOutcome, type CaseRequest, caseReview, readCases } from "../../src/cli/pack-cases.ts";

const read = await readCases(join(import.meta.dirname, "..", "..", "policies", "packs", "segmentation_baseline"));

export type Example = CaseRequest;

export interface ExampleFile {
  /** `seg_op_001/examples/denied.yaml` */
  readonly file: string;
  readonly ruleId: string;
  readonly expected: CaseOutcome;
  readonly example: Example;
}

/** What is no request (AUDIT) is judged when the pack is built, and by the scan's own test. */
const requests = read.cases.filter(({ request }) => request.operation !== "AUDIT");

export const exampleFiles: readonly ExampleFile[] = requests.map(({ file, rule, expected, request }) => ({
  file,
  ruleId: ruleIdOf(rule),
  expected,
  example: request,
}));

/** Parameters that the examples of a rule are judged with, by rule id: a rule that needs a list says nothing without one. */
export const exampleParameters: Readonly<Record<string, Record<string, unknown>>> = Object.fromEntries(
  Object.entries(read.parameters).map(([rule, parameters]) => [ruleIdOf(rule), parameters]),
);

/** The place of regulated data in examples. */
export const exampleEnclaves = { environment: ["enclave"] };

function ruleIdOf(rule: string): string {
  return rule.toUpperCase().replaceAll("_", "-");
}

export const reviewOf = caseReview;
