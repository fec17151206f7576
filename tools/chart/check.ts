/** `npm run check:chart`: lint, and the committed rendering that the quickstart and the tests apply. `--fix` renders it anew. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { obtainHelm } from "../obtain/helm.ts";

const root = join(import.meta.dirname, "..", "..");
const chart = join(root, "charts", "firebreak");
const golden = join(root, "test", "chart", "golden", "default.yaml");
const helm = await obtainHelm();

execFileSync(helm, ["lint", "--strict", chart], { stdio: "inherit" });
const rendered = execFileSync(helm, ["template", "firebreak", chart, "--namespace", "firebreak-system", "--include-crds"], { encoding: "utf8" });
if (process.argv.includes("--fix")) writeFileSync(golden, rendered);
else if (rendered !== readFileSync(golden, "utf8")) {
  process.stderr.write(`${golden} is not what the chart renders: npm run fix, and read the difference\n`);
  process.exitCode = 1;
}
