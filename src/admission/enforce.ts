import type { Attributes } from "../model/attributes.ts";
import type { Effect, EnforcementAction, Result, Severity } from "../model/decision.ts";
import type { FactName } from "../model/facts.ts";
import type { Mode } from "../model/mode.ts";
import { actionAtStage } from "../model/rule-pack.ts";
import { allowedBy } from "./allow-entries.ts";
import type { Finding } from "./ports.ts";

/** What a request is judged in. */
interface Circumstances {
  readonly attributes: Attributes;
  readonly mode: Mode | undefined;
  readonly missing?: readonly FactName[] | undefined;
  readonly now: Date;
}

/**
 * What becomes of each finding. In this order: `params.allow` permits it; a missing fact leaves it undetermined; the ratchet lowers what the change did not make;
 * a Mandatory rule keeps its action in every mode; any other is lowered to a warning where the namespace is not enforced; and
 * nothing goes further than its pack is rolled out. Where two packs find the same, the stricter one speaks.
 */
export function enforce(findings: readonly Finding[], { attributes, mode, missing = [], now }: Circumstances): Result[] {
  const results = findings.map((finding): Result => {
    const { violation, allow: _, action, restsOn, stage, priority: __, ...rest } = finding;
    const known = { ...rest, enforced: action };
    if (allowedBy(finding, attributes, now) !== undefined) return { ...violation, ...known, effect: "exempted" };
    const unknown = restsOn.filter((fact) => missing.includes(fact));
    if (unknown.length > 0) return { ...violation, ...known, effect: "undetermined", missing: unknown };
    return { ...violation, ...known, effect: actionAtStage(effectOf(finding, action, mode), stage) };
  });
  const ranked = results.map((result, index) => ({ result, priority: findings[index]?.priority ?? 0 }));
  ranked.sort((a, b) => weight(a.result) - weight(b.result) || b.priority - a.priority);
  return strictestOfSame(ranked.map(({ result }) => result));
}

/** From what stops to what is only noted. */
const strictness: readonly Effect[] = ["deny", "undetermined", "warn", "dryrun", "exempted"];

/** One rule asked by two RulePacks finds the same twice. */
function strictestOfSame(results: readonly Result[]): Result[] {
  if (results.every(({ rulePack }) => rulePack === results[0]?.rulePack)) return [...results];
  const same = Map.groupBy(results, ({ ruleId, path, message }) => JSON.stringify([ruleId, path, message]));
  return [...same.values()].flatMap((group) => {
    const strictest = group.reduce((a, b) => (strictness.indexOf(b.effect) < strictness.indexOf(a.effect) ? b : a));
    return group.filter(({ rulePack }) => rulePack === strictest.rulePack);
  });
}

const severities: readonly Severity[] = ["critical", "high", "medium", "low"];

/** The gravest first: that is the one a message begins with. */
function weight({ tier, severity }: Result): number {
  return (tier === "Mandatory" ? 0 : severities.length) + severities.indexOf(severity);
}

function effectOf(finding: Finding, action: EnforcementAction, mode: Mode | undefined): EnforcementAction {
  if (action !== "deny") return action;
  if (finding.preExisting) return "warn";
  return finding.tier === "Mandatory" || mode === "enforce" ? "deny" : "warn";
}
