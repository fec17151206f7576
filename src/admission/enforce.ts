import type { Attributes } from "../model/attributes.ts";
import type { Effect, EnforcementAction, Result, Severity } from "../model/decision.ts";
import type { FactName } from "../model/facts.ts";
import type { Mode } from "../model/mode.ts";
import { actionAtStage } from "../model/rule-pack.ts";
import { allowedBy } from "./allow-entries.ts";
import { exemptionsFor, openBreakGlass, type Permitting } from "./exemptions.ts";
import type { Finding } from "./ports.ts";

/** What a request is judged in. */
interface Circumstances {
  readonly attributes: Attributes;
  readonly mode: Mode | undefined;
  readonly missing?: readonly FactName[] | undefined;
  readonly permitting: Permitting;
}

/**
 * What becomes of each finding. In this order: an exemption or `params.allow` permits it; a missing fact leaves it undetermined; the ratchet lowers what the change did not make;
 * a Mandatory rule keeps its action in every mode; any other is lowered to a warning where the namespace is not enforced; and
 * nothing goes further than its pack is rolled out; while a glass is broken, nothing but Mandatory rules refuses. Where two
 * packs find the same, the stricter one speaks.
 */
export function enforce(findings: readonly Finding[], { attributes, mode, missing = [], permitting }: Circumstances): Result[] {
  const breakGlass = openBreakGlass(attributes.namespace, permitting)?.name;
  const results = findings.map((finding): Result => {
    const { violation, allow: _, action, restsOn, stage, priority: __, ...rest } = finding;
    const known = { ...rest, enforced: action };
    const exemptions = exemptionsFor({ ruleId: violation.ruleId, ...finding }, attributes, permitting).map(({ name }) => name);
    if (exemptions.length > 0) return { ...violation, ...known, effect: "exempted", exemptions };
    if (allowedBy(finding, attributes, permitting.now) !== undefined) return { ...violation, ...known, effect: "exempted" };
    const unknown = restsOn.filter((fact) => missing.includes(fact));
    if (unknown.length > 0) return { ...violation, ...known, effect: "undetermined", missing: unknown };
    const effect = actionAtStage(effectOf(finding, action, mode), stage);
    if (effect === "deny" && breakGlass !== undefined && finding.tier !== "Mandatory") return { ...violation, ...known, effect: "warn", breakGlass };
    return { ...violation, ...known, effect };
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
