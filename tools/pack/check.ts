/**
 * `npm run check:rego`: format, strict compile against the schema, tests of the library, and every pack built: its tests, full
 * coverage, and METADATA that the catalogue accepts. `--fix` formats.
 */
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { buildPack, workshop } from "../../src/compose/workshop.ts";
import { checkSources } from "../../src/guardrails/authoring/compile.ts";
import { FirebreakError } from "../../src/model/errors.ts";
import { obtainOpa } from "../obtain/opa.ts";
import { buildPacks } from "./build.ts";

const root = join(import.meta.dirname, "..", "..");
const policies = join(root, "policies");
const opa = await obtainOpa();

process.exitCode = await check(process.argv.includes("--fix"));

async function check(fix: boolean): Promise<number> {
  if (fix) run("fmt", "-w", policies);
  const unformatted = run("fmt", "-l", policies).trim();
  if (unformatted !== "") return fail(`not formatted (npm run fix):\n${unformatted}`);
  const library = ["firebreak", "lib"].map((part) => join(policies, part));
  process.stdout.write(run("test", ...library));
  const { coverage } = JSON.parse(run("test", "--coverage", ...library)) as { coverage: number };
  if (coverage !== 100) return fail(`coverage of the library is ${coverage} %, not 100 %`);
  const tools = workshop(root, opa);
  try {
    for (const kind of ["packs", "template"]) {
      for (const pack of readdirSync(join(policies, kind))) {
        await checkSources(join(policies, kind, pack), tools);
        await buildPack(join(policies, kind, pack), tools);
      }
    }
    await buildPacks(root);
  } catch (thrown) {
    if (!(thrown instanceof FirebreakError)) throw thrown;
    return fail(thrown.message);
  }
  return 0;
}

function run(...args: string[]): string {
  return execFileSync(opa, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

function fail(message: string): number {
  process.stderr.write(`${message}\n`);
  return 1;
}
