import type { Attributes } from "../model/attributes.ts";
import type { EnforcementAction, Result, Severity } from "../model/decision.ts";
import type { FactName } from "../model/facts.ts";
import type { Mode } from "../model/mode.ts";
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
 * a Mandatory rule keeps its action in every mode; any other is lowered to a warning where the namespace is not enforced.
 */
export function enforce(findings: readonly Finding[], { attributes, mode, missing = [], now }: Circumstances): Result[] {
  const results = findings.map((finding): Result => {
    const { violation, allow: _, action, restsOn, ...known } = finding;
    if (allowedBy(finding, attributes, now) !== undefined) return { ...violation, ...known, effect: "exempted" };
    const unknown = restsOn.filter((fact) => missing.includes(fact));
    if (unknown.length > 0) return { ...violation, ...known, effect: "undetermined", missing: unknown };
    return { ...violation, ...known, effect: effectOf(finding, action, mode) };
  });
  return results.sort((a, b) => weight(a) - weight(b));
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
