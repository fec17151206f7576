import { z } from "zod";
import { FirebreakError, messageOf } from "../model/errors.ts";
import { allowEntry } from "./allow-entry.ts";
import type { CatalogueEntry } from "./catalogue.ts";

export type RuleParameters = Readonly<Record<string, unknown>>;

/**
 * Checks values against the JSON Schema of a rule's parameters. `allow` has the same shape in every rule that has it.
 *
 * @throws FirebreakError FBR_PACK_INVALID with the rule and the field.
 */
export function checkParameters(rule: Pick<CatalogueEntry, "id" | "parameters">, values: RuleParameters): void {
  const { allow, ...own } = values;
  if (allow !== undefined) fail(rule.id, z.array(allowEntry).safeParse(allow), "allow");
  if (Object.keys(own).length === 0) return;
  if (rule.parameters === undefined) throw invalid(rule.id, `has no parameter ${Object.keys(own).join(", ")}`);
  fail(rule.id, schemaOf(rule.id, rule.parameters).safeParse(own));
}

/** @throws FirebreakError FBR_PACK_INVALID where the schema itself is none. */
function schemaOf(id: string, schema: object): z.ZodType {
  try {
    return z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
  } catch (cause) {
    throw new FirebreakError("FBR_PACK_INVALID", `the JSON Schema of the parameters of ${id} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function fail(id: string, parsed: z.ZodSafeParseResult<unknown>, at = ""): void {
  if (parsed.success) return;
  const [issue] = parsed.error.issues;
  const path = [at, ...(issue?.path ?? [])].filter((part) => part !== "").join(".");
  throw invalid(id, `parameter ${path || "(all)"}: ${issue?.message ?? "is wrong"}`);
}

function invalid(id: string, why: string): FirebreakError {
  return new FirebreakError("FBR_PACK_INVALID", `${id} ${why}`);
}
