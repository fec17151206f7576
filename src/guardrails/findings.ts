import { z } from "zod";
import type { AllowEntry, Finding, GuardrailQuestion } from "../admission/ports.ts";
import type { EnforcementAction, Tier, Violation } from "../model/decision.ts";
import { FirebreakError } from "../model/errors.ts";
import type { JsonValue } from "../model/kubernetes.ts";
import type { Stage } from "../model/rule-pack.ts";
import type { CatalogueEntry } from "./catalogue.ts";
import type { Pack } from "./pack.ts";
import { type PackUse, packFolder } from "./pack-use.ts";

const rawViolation = z.strictObject({
  rule: z.string(),
  message: z.string(),
  path: z.string(),
  fix: z.string(),
  details: z.json(),
  action: z.enum(["deny", "warn", "dryrun"]).optional(),
  /** What is found without being understood: it counts in full where the rule is Mandatory, and warns elsewhere. */
  certainty: z.literal("unknown").optional(),
  /** How much is wrong, for a rule that measures: a change that makes it less is no new violation. */
  amount: z.number().optional(),
});
type RawViolation = z.infer<typeof rawViolation>;

const answer = z.strictObject({ uid: z.string(), violations: z.array(rawViolation), previous: z.array(rawViolation) });

/** What the answer of a pack is read with. */
interface Asked {
  readonly use: PackUse;
  readonly rules: readonly CatalogueEntry[];
  readonly question: Pick<GuardrailQuestion, "attributes" | "enclave">;
  readonly binding: string;
  readonly stage: Stage;
}

/** @throws FirebreakError FBR_EVALUATION_FAILED where the answer has another shape, or another uid: it was not for this request. */
export function findingsOf(asked: Asked, result: unknown): Finding[] {
  const { use, rules, question } = asked;
  const { attributes } = question;
  const { name } = use.pack.catalogue.manifest;
  if (isSilent(result, attributes.uid)) return [];
  const parsed = answer.safeParse(result);
  if (!parsed.success) throw new FirebreakError("FBR_EVALUATION_FAILED", `${name} answered in a wrong shape: ${z.prettifyError(parsed.error)}`);
  if (parsed.data.uid !== attributes.uid) throw new FirebreakError("FBR_EVALUATION_FAILED", `${name} did not echo the uid of the request`);
  const before = amountsByValue(parsed.data.previous);
  return parsed.data.violations.map((raw) => {
    const rule = rules.find((entry) => entry.package === raw.rule);
    if (rule === undefined) throw new FirebreakError("FBR_EVALUATION_FAILED", `${name} answered for ${raw.rule}, which was not asked`);
    return { ...findingOf(asked, rule, raw), preExisting: rule.ratchet && takeOne(before, raw) };
  });
}

function findingOf({ use, question, binding, stage }: Asked, rule: CatalogueEntry, raw: RawViolation): Omit<Finding, "preExisting"> {
  const { pack, name: rulePack, priority } = use;
  const { message, path, fix, details } = raw;
  const violation: Violation = { ruleId: rule.id, message, path, fix, details: details as JsonValue };
  const { title, severity, controls } = rule;
  const params = pack.data.params[packFolder(pack)]?.[rule.package];
  return {
    violation,
    title,
    severity,
    tier: use.tier ?? rule.tier,
    controls,
    restsOn: rule.facts,
    action: lower(actionOf(pack, rule, question.enclave), askedAction(raw, use.tier ?? rule.tier)),
    allow: (params?.["allow"] as AllowEntry[] | undefined) ?? [],
    pack: `${pack.catalogue.manifest.name}@${pack.catalogue.manifest.version}`,
    packDigest: pack.digest,
    rulePack,
    binding,
    stage,
    priority,
  };
}

const order: readonly EnforcementAction[] = ["dryrun", "warn", "deny"];

/** What nearly every request gets: an answer for it, and nothing found. It has no fields to be checked. */
function isSilent(result: unknown, uid: string): boolean {
  const found = result as { uid?: unknown; violations?: unknown } | null | undefined;
  return found?.uid === uid && Array.isArray(found.violations) && found.violations.length === 0;
}

/** The configured action before the rule's own, and the stricter one in an enclave. */
function actionOf({ actions }: Pack, rule: CatalogueEntry, enclave: boolean): EnforcementAction {
  const action = actions.get(rule.id) ?? rule.action;
  if (!enclave || rule.enclaveAction === undefined) return action;
  return order.indexOf(rule.enclaveAction) > order.indexOf(action) ? rule.enclaveAction : action;
}

function askedAction({ action, certainty }: RawViolation, tier: Tier): EnforcementAction | undefined {
  return certainty === "unknown" && tier !== "Mandatory" ? "warn" : action;
}

/** A violation may ask for less than its rule, never for more. */
function lower(action: EnforcementAction, asked: EnforcementAction | undefined): EnforcementAction {
  return asked !== undefined && order.indexOf(asked) < order.indexOf(action) ? asked : action;
}

/**
 * What makes two violations the same one: the rule, the field and the value. Positions in lists are left out, because
 * putting a good rule in front of a bad one does not make the bad one new; how often a value stands is counted.
 */
function valueKey({ rule, path, details, action }: RawViolation): string {
  return JSON.stringify([rule, path.replace(/\[\d+\]/g, "[]"), details, action ?? null]);
}

/** The amounts of each value that stood before; an amount that is not measured counts as nothing. */
function amountsByValue(violations: readonly RawViolation[]): Map<string, number[]> {
  const grouped = Map.groupBy(violations, valueKey);
  return new Map([...grouped].map(([key, same]) => [key, same.map(({ amount = 0 }) => amount).sort((a, b) => a - b)]));
}

/** Whether one as bad stood before; each that stood before excuses one. */
function takeOne(before: Map<string, number[]>, violation: RawViolation): boolean {
  const amounts = before.get(valueKey(violation)) ?? [];
  const index = amounts.findIndex((amount) => amount >= (violation.amount ?? 0));
  if (index >= 0) amounts.splice(index, 1);
  return index >= 0;
}
