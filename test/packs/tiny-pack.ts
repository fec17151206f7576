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
  const properties = Object.fromEntries(Object.entries(params).map(([key, value]) => [key, { type: typeof value }]));
  return {
    "pack.json": JSON.stringify({ name: name.replaceAll("_", "-"), version, tier }),
    "params.json": JSON.stringify({ r: params }),
    "params.schema.json": JSON.stringify({ r: { type: "object", additionalProperties: false, properties } }),
    "mapping.f.json": JSON.stringify({
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

interface TestedPack extends Omit<TinyPack, "body"> {
  /** The value of the label `bad` that its rule objects to. */
  readonly bad: string;
  readonly body?: string;
}

/** The files of a pack of one rule that passes its own tests. */
export function testedSources({ bad, body, ...pack }: TestedPack): Record<string, string> {
  const name = pack.name.replaceAll("-", "_");
  const rule = [
    "deny contains violation if {",
    `\tinput.review.request.object.metadata.labels.bad == ${JSON.stringify(bad)}`,
    '\tviolation := {"message": "it is bad", "path": "metadata.labels.bad", "fix": "be good", "details": {}}',
    "}",
  ].join("\n");
  const labelled = (value: string) => `operation: CREATE\nobject: {apiVersion: v1, kind: Pod, metadata: {name: p, namespace: shop, labels: {bad: ${value}}}}\n`;
  const pod = (value: string) => `requests.create("Pod", {"metadata": {"labels": {"bad": "${value}"}}})`;
  return {
    ...tinySources({ ...pack, body: body ?? rule }),
    "r_test.rego": `package packs.${name}.r_test\n\nimport data.lib.requests\nimport data.packs.${name}.r\n\ntest_denied if count(r.deny) == 1 with input as ${pod(`${bad}${body ? "zzz" : ""}`)}\n\ntest_allowed if count(r.deny) == 0 with input as ${pod("a")}\n`,
    "r.denied.yaml": labelled(`${bad}${body ? "zzz" : ""}`),
    "r.clean.yaml": labelled("a"),
  };
}
