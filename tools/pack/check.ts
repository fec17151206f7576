/**
 * `npm run check:rego`: format, strict compile against the schema, tests with full coverage, and METADATA that the catalogue
 * accepts. `--fix` formats.
 */
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { obtainOpa } from "../obtain/opa.ts";
import { buildPacks } from "./build.ts";

const root = join(import.meta.dirname, "..", "..");
const policies = join(root, "policies");
const opa = await obtainOpa();

process.exitCode = check(process.argv.includes("--fix"));
if (process.exitCode === 0) await buildPacks(root);

function check(fix: boolean): number {
  if (fix) run("fmt", "-w", policies);
  const sources = ["firebreak", "lib", "packs"].map((part) => join(policies, part));
  const unformatted = run("fmt", "-l", policies).trim();
  if (unformatted !== "") return fail(`not formatted (npm run fix):\n${unformatted}`);
  run("check", "--strict", "--schema", join(policies, "schemas", "input.json"), ...sources);
  const untested = rulesWithoutTests();
  if (untested.length > 0) return fail(`rules without a test beside them: ${untested.join(", ")}`);
  process.stdout.write(run("test", "-b", policies));
  const { coverage } = JSON.parse(run("test", "-b", "--coverage", policies)) as { coverage: number };
  return coverage === 100 ? 0 : fail(`coverage of Rego is ${coverage} %, not 100 %`);
}

function rulesWithoutTests(): string[] {
  return readdirSync(join(policies, "packs")).flatMap((pack) =>
    readdirSync(join(policies, "packs", pack), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !readdirSync(join(policies, "packs", pack, entry.name)).includes(`${entry.name}_test.rego`))
      .map(({ name }) => name),
  );
}

function run(...args: string[]): string {
  return execFileSync(opa, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

function fail(message: string): number {
  process.stderr.write(`${message}\n`);
  return 1;
}
