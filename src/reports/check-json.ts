import type { Checked } from "../model/checked.ts";
import type { Result } from "../model/decision.ts";

/** What `firebreak check -o json` prints: `{schema, summary, objects[]}`; an interface that programs rely on. */
export function checkJson(checked: readonly Checked[], version: string): string {
  const results = checked.flatMap(({ decision }) => decision.results);
  const count = (effect: Result["effect"]) => results.filter((result) => result.effect === effect).length;
  const summary = {
    objects: checked.length,
    deny: count("deny"),
    warn: count("warn"),
    dryrun: count("dryrun"),
    exempted: count("exempted"),
    undetermined: count("undetermined"),
  };
  return JSON.stringify({ schema: "firebreak.check/1", version, summary, objects: checked.map(objectJson) }, null, 2);
}

function objectJson({ file, document, object, decision, lineOf }: Checked): object {
  return {
    file,
    document,
    line: lineOf(""),
    object,
    operation: decision.attributes.operation,
    outcome: decision.outcome,
    mode: decision.mode ?? null,
    results: decision.results.map((result) => ({ ...result, line: lineOf(result.path) })),
    notices: decision.notices,
  };
}
