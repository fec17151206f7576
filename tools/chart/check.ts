/**
 * `npm run check:chart`: lint, the schema of the values, and the committed renderings, of which the first is what the quickstart
 * and the tests apply. `--fix` writes schema and renderings anew.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { obtainHelm } from "../obtain/helm.ts";
import { valuesSchema } from "./values-schema.ts";

const root = join(import.meta.dirname, "..", "..");
const chart = join(root, "charts", "firebreak");
const fix = process.argv.includes("--fix");
const helm = await obtainHelm();

keep(join(chart, "values.schema.json"), `${JSON.stringify(valuesSchema(), null, 2)}\n`);
execFileSync(helm, ["lint", "--strict", chart], { stdio: "inherit" });
mkdirSync(join(root, "test", "chart", "golden"), { recursive: true });
for (const file of readdirSync(join(root, "test", "chart", "values")).sort()) {
  const flags = ["--namespace", "firebreak-system", "--include-crds", "--values", join(root, "test", "chart", "values", file)];
  const rendered = execFileSync(helm, ["template", "firebreak", chart, ...flags], { encoding: "utf8" });
  keep(join(root, "test", "chart", "golden", `${basename(file)}`), rendered);
}

function keep(file: string, wanted: string): void {
  if (fix) {
    writeFileSync(file, wanted);
    return;
  }
  let found: string | undefined;
  try {
    found = readFileSync(file, "utf8");
  } catch {
    // What is not there differs.
  }
  if (found === wanted) return;
  process.stderr.write(`${file} is not what the chart makes: npm run fix, and read the difference\n`);
  process.exitCode = 1;
}
