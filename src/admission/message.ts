import type { Decision, Result } from "../model/decision.ts";

/** Limits of what a terminal shows at once, and of a Kubernetes Event (1,024 characters). */
const firstLineMax = 200;
const violationsMax = 5;
const messageMax = 900;
/** An API server cuts warnings to 256 characters each once they pass 4,096 in all; short ones never are. */
const warningMax = 120;

/** The message of a denial: rule, field, fix and decision id first, then the violations. */
export function denialMessage(decision: Decision): string {
  const denied = decision.results.filter(({ effect }) => effect === "deny");
  const [first] = denied;
  if (first === undefined) return failureMessage(decision);
  const tail = ` (decision ${decision.id})`;
  const lead = `[${first.ruleId}] ${first.path}: `;
  const head = `${lead}${cut(first.fix, Math.max(firstLineMax - lead.length - tail.length, 20))}`;
  const lines = [cut(head, firstLineMax - tail.length) + tail];
  const remaining = denied.length - violationsMax;
  const more = remaining > 0 ? `and ${remaining} more: firebreak explain ${decision.id}` : undefined;
  const room = messageMax - (more === undefined ? 0 : more.length + 1);
  for (const result of oneOfEachRuleFirst(denied).slice(0, violationsMax)) {
    const left = room - lines.join("\n").length - 1;
    if (left < 40) break;
    lines.push(cut(violationLine(result), left));
  }
  if (more !== undefined) lines.push(more);
  return lines.join("\n");
}

/** Five lines of one rule would hide that another one refuses too. */
function oneOfEachRuleFirst(results: readonly Result[]): Result[] {
  const firsts = new Set([...Map.groupBy(results, ({ ruleId }) => ruleId).values()].map(([first]) => first));
  return [...results.filter((result) => firsts.has(result)), ...results.filter((result) => !firsts.has(result))];
}

function violationLine(result: Result): string {
  const controls = result.controls.slice(0, 3).map(({ framework, id }) => `${framework} ${id}`);
  return `- ${result.ruleId} ${result.message} (supports ${controls.join(", ")})`;
}

function failureMessage(decision: Decision): string {
  const what = decision.outcome === "malformed" ? "this request cannot be judged" : decision.outcome === "undecided" ? "not decided, try again" : "refused";
  return cut(
    `[${decision.failure?.code ?? "FBR_INTERNAL"}] ${what}: ${decision.failure?.message ?? "no reason was kept"} (decision ${decision.id})`,
    messageMax,
  );
}

/** One warning for each rule that did not refuse, and each notice; nothing when nothing is wrong. */
export function warnings(decision: Decision): string[] {
  const byRule = new Map<string, Result>();
  for (const result of decision.results) {
    if (result.effect === "warn" && !byRule.has(result.ruleId)) byRule.set(result.ruleId, result);
  }
  const violations = [...byRule.values()].map((result) => `[${result.ruleId}] ${result.preExisting ? "already there: " : ""}${result.message}`);
  return [...violations, ...decision.notices].map((text) => cut(text, warningMax));
}

/** Text as one line of at most `max` characters. Users' own values may hold line breaks: they never start a new line. */
function cut(text: string, max: number): string {
  const line = text.replace(/\p{Cc}+/gu, " ");
  return line.length <= max ? line : `${line.slice(0, max - 1)}…`;
}
