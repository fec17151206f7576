import type { Checked } from "../model/checked.ts";
import type { Result } from "../model/decision.ts";

/** What `firebreak check -o junit` prints: a suite for each file, a case for each object, a failure for each denial. */
export function junit(checked: readonly Checked[]): string {
  const suites = [...Map.groupBy(checked, ({ file }) => file)].map(([file, cases]) => suite(file, cases));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="firebreak check">\n${suites.join("\n")}\n</testsuites>`;
}

function suite(file: string, cases: readonly Checked[]): string {
  const failed = cases.filter((one) => denials(one).length > 0).length;
  return `  <testsuite name="${xml(file)}" tests="${cases.length}" failures="${failed}" errors="0">\n${cases.map(testCase).join("\n")}\n  </testsuite>`;
}

function testCase(one: Checked): string {
  const failures = denials(one).map(
    (result) => `      <failure type="${result.ruleId}" message="${xml(result.message)}">${xml(detail(one, result))}</failure>`,
  );
  const others = one.decision.results.filter(({ effect }) => effect !== "deny");
  const output =
    others.length === 0 ? [] : [`      <system-out>${xml(others.map((result) => `${result.effect} ${detail(one, result)}`).join("\n"))}</system-out>`];
  return [`    <testcase classname="${xml(one.file)}" name="${xml(one.object)}">`, ...failures, ...output, "    </testcase>"].join("\n");
}

function denials({ decision }: Checked): Result[] {
  return decision.results.filter(({ effect }) => effect === "deny");
}

function detail({ file, lineOf }: Checked, { ruleId, message, path, fix }: Result): string {
  return `${ruleId} ${message}\nat ${path} (${file}:${lineOf(path)})\nfix: ${fix}`;
}

/** Text as XML 1.0 allows it: marked up, and without characters that no XML document may hold. */
function xml(text: string): string {
  const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? "").replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd");
}
