import type { Checked } from "../model/checked.ts";
import type { Effect, Result } from "../model/decision.ts";

/** SARIF 2.1.0 has three levels; what is exempted is a suppressed result. */
const levels: Readonly<Record<Effect, "error" | "warning" | "note">> = {
  deny: "error",
  warn: "warning",
  dryrun: "note",
  exempted: "note",
  undetermined: "note",
};

/** What `firebreak check -o sarif` prints: SARIF 2.1.0, one run, a result for each violation (OASIS sarif-v2.1.0). */
export function sarif(checked: readonly Checked[], version: string): string {
  const results = checked.flatMap((one) => one.decision.results.map((result) => ({ one, result })));
  const rules = [...new Map(results.map(({ result }) => [result.ruleId, result])).values()].sort((a, b) => (a.ruleId < b.ruleId ? -1 : 1));
  const ids = rules.map(({ ruleId }) => ruleId);
  const driver = { name: "firebreak", version, informationUri: "https://firebreak.dev", rules: rules.map(ruleOf) };
  const run = { tool: { driver }, columnKind: "utf16CodeUnits", results: results.map(({ one, result }) => resultOf(one, result, ids)) };
  return JSON.stringify({ $schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: [run] }, null, 2);
}

function ruleOf({ ruleId, title, severity, controls }: Result): object {
  return {
    id: ruleId,
    shortDescription: { text: title },
    properties: { severity, tags: controls.map(({ framework, version, id }) => `${framework}@${version}/${id}`) },
  };
}

function resultOf({ file, object, lineOf }: Checked, { ruleId, effect, message, path, fix, missing }: Result, ids: readonly string[]): object {
  const unknown = missing === undefined ? "" : ` (undetermined: ${missing.join(", ")} not known)`;
  return {
    ruleId,
    ruleIndex: ids.indexOf(ruleId),
    level: levels[effect],
    message: { text: `${message}${unknown}. Fix: ${fix}` },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: uriOf(file) }, region: { startLine: lineOf(path) } },
        logicalLocations: [{ fullyQualifiedName: `${object}#${path}` }],
      },
    ],
    ...(effect === "exempted" ? { suppressions: [{ kind: "external" }] } : {}),
  };
}

function uriOf(file: string): string {
  return file.split("/").map(encodeURIComponent).join("/");
}
