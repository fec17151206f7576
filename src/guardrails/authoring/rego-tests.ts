import { basename } from "node:path";
import { z } from "zod";
import { FirebreakError } from "../../model/errors.ts";
import { runOpa } from "../opa.ts";
import { inStaging, type Workshop } from "./compile.ts";
import { inAuthorsPaths, readSources, ruleFolders } from "./sources.ts";

const results = z.array(
  z.object({
    name: z.string(),
    location: z.object({ file: z.string(), row: z.number() }),
    fail: z.boolean().optional(),
    skip: z.boolean().optional(),
    error: z.object({ message: z.string() }).optional(),
    output: z.string().optional(),
  }),
);

const lines = z.object({ start: z.object({ row: z.number() }), end: z.object({ row: z.number() }) });
const coverage = z.object({ files: z.record(z.string(), z.object({ not_covered: z.array(lines).optional(), covered: z.array(lines).optional() })) });

/** What the Rego tests of a pack said. */
export interface RegoReport {
  readonly passed: number;
  /** `file:line: name: why`, one for each test that does not pass. */
  readonly failed: readonly string[];
  /** `file:line-line` of the pack's own sources that no test reaches. */
  readonly uncovered: readonly string[];
  /** Rules without a test file beside them. */
  readonly untested: readonly string[];
}

/**
 * Runs the Rego tests of a pack with the library that it is compiled with.
 *
 * @throws FirebreakError FBR_PACK_COMPILE where the tests do not compile.
 */
export async function runRegoTests(folder: string, { opa, library }: Workshop): Promise<RegoReport> {
  const sources = await readSources(folder);
  return inStaging(sources, library, true, async (staged) => {
    const said = async (...args: string[]) => {
      const { stdout, stderr } = await runOpa(opa, ["test", "-b", ".", ...args], staged);
      return { stdout: inAuthorsPaths(stdout, staged, sources), stderr: inAuthorsPaths(stderr, staged, sources) };
    };
    const tests = await said("-f", "json");
    const read = parsed(results, tests.stdout || "[]", tests.stderr);
    const own = read.filter(({ location }) => isOwn(location.file));
    const failed = own.filter(({ fail, error }) => fail === true || error !== undefined).map(failureLine);
    const covered = failed.length > 0 ? { files: {} } : parsed(coverage, (await said("--coverage")).stdout, "no coverage");
    return {
      passed: own.filter(({ fail, skip, error }) => !(fail || skip || error)).length,
      failed,
      uncovered: Object.entries(covered.files)
        .filter(([file]) => isOwn(file) && !file.endsWith("_test.rego"))
        .flatMap(([file, { not_covered = [] }]) => not_covered.map(({ start, end }) => `${file}:${start.row}-${end.row}`)),
      untested: await rulesWithoutTests(sources, read),
    };
  });
}

/** The library and the entrypoint have tests of their own, elsewhere. */
function isOwn(file: string): boolean {
  return !/^\/?(lib|firebreak)\//.test(file);
}

async function rulesWithoutTests(sources: Awaited<ReturnType<typeof readSources>>, read: z.infer<typeof results>): Promise<string[]> {
  const tested = new Set(read.map(({ location }) => basename(location.file, "_test.rego")));
  return (await ruleFolders(sources)).filter((rule) => !tested.has(rule));
}

function failureLine({ name, location, error, output }: z.infer<typeof results>[number]): string {
  const why = error?.message ?? "no solution: an expression of it is false or undefined";
  return `${location.file}:${location.row}: ${name}: ${why}${output ? `\n${output.trim()}` : ""}`;
}

function parsed<T>(schema: z.ZodType<T>, text: string, otherwise: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new FirebreakError("FBR_PACK_COMPILE", `the Rego tests cannot be run: ${(otherwise || text).trim()}`, { cause });
  }
}
