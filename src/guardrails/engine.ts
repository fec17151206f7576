import { z } from "zod";
import type { AllowEntry, Finding, GuardrailQuestion, Guardrails, Judgement } from "../admission/ports.ts";
import type { Attributes } from "../model/attributes.ts";
import type { EnforcementAction, Violation } from "../model/decision.ts";
import { FirebreakError } from "../model/errors.ts";
import type { JsonValue } from "../model/kubernetes.ts";
import type { CatalogueEntry } from "./catalogue.ts";
import { EvaluatorPool, type PoolOptions } from "./evaluator-pool.ts";
import type { Pack } from "./pack.ts";
import { ruleInput } from "./rule-input.ts";

const rawViolation = z.strictObject({
  rule: z.string(),
  message: z.string(),
  path: z.string(),
  fix: z.string(),
  details: z.json(),
  action: z.enum(["deny", "warn", "dryrun"]).optional(),
  /** How much is wrong, for a rule that measures: a change that makes it less is no new violation. */
  amount: z.number().optional(),
});
type RawViolation = z.infer<typeof rawViolation>;

const answer = z.strictObject({ uid: z.string(), violations: z.array(rawViolation), previous: z.array(rawViolation) });

/** Packs, each in its own pool of workers. */
export class GuardrailEngine implements Guardrails {
  readonly #packs: readonly Judge[];

  constructor(packs: readonly Pack[], options: PoolOptions) {
    this.#packs = packs.map((pack) => ({ pack, pool: new EvaluatorPool(pack, options), index: indexRules(pack) }));
  }

  async judge(question: GuardrailQuestion): Promise<Judgement> {
    const judgements = await Promise.all(this.#packs.map((judge) => judgeWith(judge, question)));
    return {
      findings: judgements.flatMap(({ findings }) => findings),
      evaluationMicros: judgements.reduce((sum, { evaluationMicros }) => sum + evaluationMicros, 0),
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#packs.map(({ pool }) => pool.close()));
  }
}

interface Judge {
  readonly pack: Pack;
  readonly pool: EvaluatorPool;
  readonly index: ReadonlyMap<string, readonly CatalogueEntry[]>;
}

async function judgeWith({ pack, pool, index }: Judge, question: GuardrailQuestion): Promise<Judgement> {
  const rules = index.get(indexKey(question.attributes)) ?? [];
  if (rules.length === 0) return { findings: [], evaluationMicros: 0 };
  const { facts, effect, effectBefore, now } = question;
  const folder = packFolder(pack);
  const input = ruleInput(question.review, { pack: folder, rules: rules.map((rule) => rule.package), facts, effect, effectBefore, now: now.toISOString() });
  try {
    const { result, micros } = await pool.evaluate(input);
    return { findings: findingsOf(pack, rules, result, question), evaluationMicros: micros };
  } catch (thrown) {
    if (!(thrown instanceof FirebreakError) || pack.catalogue.manifest.tier !== "Mandatory") throw thrown;
    throw new FirebreakError(thrown.code, thrown.message, { cause: thrown, refuses: true });
  }
}

/** The folder of a pack's sources, and its name among the data: `segmentation_baseline`. */
function packFolder({ catalogue }: Pack): string {
  return catalogue.manifest.name.replaceAll("-", "_");
}

/** The rules of a pack by kind and operation: what is not asked costs nothing, however many there are. */
function indexRules({ catalogue }: Pack): Map<string, CatalogueEntry[]> {
  const index = new Map<string, CatalogueEntry[]>();
  for (const rule of catalogue.rules) {
    for (const key of rule.kinds.flatMap((kind) => rule.operations.map((operation) => `${operation} ${kind}`))) {
      const known = index.get(key);
      if (known === undefined) index.set(key, [rule]);
      else known.push(rule);
    }
  }
  return index;
}

function indexKey({ kind, operation }: Attributes): string {
  return `${operation} ${kind.group}/${kind.kind}`;
}

/** @throws FirebreakError FBR_EVALUATION_FAILED where the answer has another shape, or another uid: it was not for this request. */
export function findingsOf(
  pack: Pack,
  rules: readonly CatalogueEntry[],
  result: unknown,
  { attributes, enclave }: Pick<GuardrailQuestion, "attributes" | "enclave">,
): Finding[] {
  const { name } = pack.catalogue.manifest;
  if (isSilent(result, attributes.uid)) return [];
  const parsed = answer.safeParse(result);
  if (!parsed.success) throw new FirebreakError("FBR_EVALUATION_FAILED", `${name} answered in a wrong shape: ${z.prettifyError(parsed.error)}`);
  if (parsed.data.uid !== attributes.uid) throw new FirebreakError("FBR_EVALUATION_FAILED", `${name} did not echo the uid of the request`);
  const before = amountsByValue(parsed.data.previous);
  return parsed.data.violations.map((raw) => {
    const rule = rules.find((entry) => entry.package === raw.rule);
    if (rule === undefined) throw new FirebreakError("FBR_EVALUATION_FAILED", `${name} answered for ${raw.rule}, which was not asked`);
    return { ...findingOf(pack, rule, raw, enclave), preExisting: rule.ratchet && takeOne(before, raw) };
  });
}

function findingOf(pack: Pack, rule: CatalogueEntry, raw: RawViolation, enclave: boolean): Omit<Finding, "preExisting"> {
  const { message, path, fix, details } = raw;
  const violation: Violation = { ruleId: rule.id, message, path, fix, details: details as JsonValue };
  const { title, severity, tier, controls } = rule;
  const params = pack.data.params[packFolder(pack)]?.[rule.package];
  return {
    violation,
    title,
    severity,
    tier,
    controls,
    restsOn: rule.facts,
    action: lower(actionOf(pack, rule, enclave), raw.action),
    allow: (params?.["allow"] as AllowEntry[] | undefined) ?? [],
    pack: `${pack.catalogue.manifest.name}@${pack.catalogue.manifest.version}`,
    packDigest: pack.digest,
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
