import { join } from "node:path";
import { type CaseFailure, readCases, runCases } from "../cli/pack-cases.ts";
import { compilePack, json, type Workshop } from "../guardrails/authoring/compile.ts";
import { type RegoReport, runRegoTests } from "../guardrails/authoring/rego-tests.ts";
import { type TestsReport, testsFile } from "../guardrails/authoring/report.ts";
import type { Files } from "../guardrails/bundle/tar.ts";
import { GuardrailEngine } from "../guardrails/engine.ts";
import { fixedFeed } from "../guardrails/fact-feed.ts";
import { type Opa, opaLimits } from "../guardrails/opa.ts";
import { type Pack, packFrom } from "../guardrails/pack.ts";
import { configuredUse } from "../guardrails/pack-use.ts";
import { FirebreakError } from "../model/errors.ts";
import type { DeclaredFact, FactObjects } from "../model/facts.ts";

/** What the tests of a pack said. */
export interface TestOutcome {
  readonly pack: Pack;
  readonly rego: RegoReport;
  readonly caseFailures: readonly CaseFailure[];
  readonly casesRun: number;
  /** How many cases each rule objects to and how many it leaves alone, by rule id. */
  readonly rules: Readonly<Record<string, { readonly found: number; readonly silent: number }>>;
}

/** OPA and what every pack is compiled with. */
export function workshop(root: string, command: string, limits: Omit<Opa, "command"> = opaLimits): Workshop {
  return { opa: { command, ...limits }, library: join(root, "policies") };
}

/**
 * Compiles a pack and runs its Rego tests and its cases; the cases through the module that would judge requests.
 *
 * @throws FirebreakError of compiling; a test that does not pass is no error, but part of the outcome.
 */
export async function testPack(folder: string, tools: Workshop): Promise<TestOutcome & { readonly files: Files }> {
  const [files, rego, { cases, parameters }] = await Promise.all([compilePack(folder, tools), runRegoTests(folder, tools), readCases(folder)]);
  const idsByFolder = new Map((await packFrom(files)).catalogue.rules.map((rule) => [rule.package, rule.id]));
  const byId = Object.entries(parameters).map(([rule, values]) => [idsByFolder.get(rule) ?? rule, values]);
  const pack = await packFrom(files, { parameters: Object.fromEntries(byId) });
  const caseFailures: CaseFailure[] = [];
  for (const [cluster, same] of Map.groupBy(cases, ({ request }) => JSON.stringify(request.cluster ?? {}))) {
    const engine = new GuardrailEngine([configuredUse(pack)], {
      ...caseEngine,
      feed: (declared) => fixedFeed(declared, clusterOf(declared, JSON.parse(cluster))),
    });
    try {
      caseFailures.push(...(await runCases(same, (rule) => idsByFolder.get(rule), engine)));
    } finally {
      await engine.close();
    }
  }
  const rules = pack.catalogue.rules.map((rule) => {
    const own = cases.filter((one) => one.rule === rule.package);
    const silent = own.filter(({ expected }) => expected === "clean").length;
    return [rule.id, { found: own.length - silent, silent }] as const;
  });
  return { files, pack, rego, caseFailures, casesRun: cases.length, rules: Object.fromEntries(rules) };
}

const caseEngine = { workers: 1, evaluationMillis: 2000, maxQueue: 1000, log: () => {} } as const;

/** In a case, a fact that is not given is known, and there is none of it. */
function clusterOf(declared: readonly DeclaredFact[], given: Record<string, FactObjects>): Record<string, FactObjects> {
  return Object.fromEntries(declared.map(({ name }) => [name, given[name] ?? {}]));
}

/** Why the tests of a pack do not pass, a line each; empty where they do. */
export function testFailures({ rego, caseFailures, rules }: Omit<TestOutcome, "pack">): string[] {
  return [
    ...rego.failed,
    ...rego.untested.map((rule) => `${rule}/: it has no Rego test (${rule}_test.rego)`),
    ...rego.uncovered.map((place) => `${place}: no Rego test reaches it`),
    ...caseFailures.map(({ file, difference }) => [`${file}:`, ...difference.map((line) => `    ${line}`)].join("\n")),
    ...Object.entries(rules)
      .filter(([, { found, silent }]) => found === 0 || silent === 0)
      .map(([id, { found }]) => `${id} has no case that it ${found === 0 ? "objects to" : "leaves alone"} (examples/)`),
  ];
}

/**
 * The files of a pack's bundle, tested and unsigned.
 *
 * @throws FirebreakError FBR_PACK_TESTS with every test that does not pass, and as `testPack`.
 */
export async function buildPack(folder: string, tools: Workshop): Promise<Map<string, Uint8Array>> {
  const tested = await testPack(folder, tools);
  const failures = testFailures(tested);
  if (failures.length > 0) throw new FirebreakError("FBR_PACK_TESTS", `${tested.pack.catalogue.manifest.name}: its tests do not pass\n${failures.join("\n")}`);
  const { rego, casesRun, rules } = tested;
  const report: TestsReport = { rego: { passed: rego.passed, uncovered: [...rego.uncovered] }, cases: { passed: casesRun, rules } };
  return new Map([...tested.files, [testsFile, json(report)]]);
}
