import { join } from "node:path";
import { workshop } from "../../src/compose/workshop.ts";
import { compilePack } from "../../src/guardrails/authoring/compile.ts";
import type { Files } from "../../src/guardrails/bundle/tar.ts";
import { obtainOpa } from "../../tools/obtain/opa.ts";

const root = join(import.meta.dirname, "..", "..");

export interface TinyPack {
  readonly name: string;
  readonly version?: string;
  readonly tier?: string;
  /** What stands in the rule `r` below its package line. */
  readonly body: string;
  /** Lines of METADATA that differ from a Standard rule about pods that denies. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly ruleId?: string;
  readonly params?: object;
}

/** The files of a pack of one rule, as an author writes them. */
export function tinySources({
  name,
  version = "1.0.0",
  tier = "Standard",
  body,
  metadata = {},
  ruleId = "TST-RR-001",
  params = { limit: 1 },
}: TinyPack): Record<string, string> {
  const fields = {
    id: ruleId,
    severity: "high",
    action: "deny",
    tier,
    ratchet: "true",
    kinds: "[/Pod]",
    operations: "[CREATE, UPDATE]",
    facts: "[]",
    rationale: "why",
    remediation: "r",
    ...metadata,
  };
  const lines = ["METADATA", "title: t", "description: d", "scope: package", "custom:", ...Object.entries(fields).map(([key, value]) => `  ${key}: ${value}`)];
  const properties = Object.fromEntries(Object.keys(params).map((key) => [key, {}]));
  return {
    "pack.json": JSON.stringify({ name: name.replaceAll("_", "-"), version, tier }),
    "params.json": JSON.stringify({ r: params }),
    "params.schema.json": JSON.stringify({ r: { type: "object", additionalProperties: false, properties } }),
    "mapping.f@v.json": JSON.stringify({
      framework: "f",
      version: "v",
      title: "t",
      rows: [{ rule: ruleId, control: "i", relationship: "intersects-with", confidence: "low", reviewed: false }],
    }),
    "r.rego": `${lines.map((line) => `# ${line}`).join("\n")}\npackage packs.${name.replaceAll("-", "_")}.r\n\n${body}\n`,
  };
}

async function testWorkshop() {
  return workshop(root, await obtainOpa());
}

/** The compiled files of sources in a folder, without their tests. */
export async function compiled(folder: string): Promise<Files> {
  return compilePack(folder, await testWorkshop());
}
