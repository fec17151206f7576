import type { Attributes } from "../model/attributes.ts";
import type { EnforcementAction, Result, Severity } from "../model/decision.ts";
import type { Mode } from "../model/mode.ts";
import { allowedBy } from "./allow-entries.ts";
import type { Finding } from "./ports.ts";

/**
 * What becomes of each finding. In this order: `params.allow` permits it; the ratchet lowers what the change did not make;
 * a Mandatory rule keeps its action in every mode; any other is lowered to a warning where the namespace is not enforced.
 */
export function enforce(findings: readonly Finding[], attributes: Attributes, mode: Mode | undefined, now: Date): Result[] {
  const results = findings.map((finding): Result => {
    const { violation, allow: _, action, ...known } = finding;
    const permitted = allowedBy(finding, attributes, now);
    return { ...violation, ...known, effect: permitted === undefined ? effectOf(finding, action, mode) : "exempted" };
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
