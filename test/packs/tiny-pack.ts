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
  /** The folder of the rule. */
  readonly rule?: string;
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
  rule = "r",
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
    "params.json": JSON.stringify({ [rule]: params }),
    "params.schema.json": JSON.stringify({ [rule]: { type: "object", additionalProperties: false, properties } }),
    "mapping.f.json": JSON.stringify({
      framework: "f",
      version: "v",
      title: "t",
      rows: [{ rule: ruleId, control: "i", relationship: "intersects-with", confidence: "low", reviewed: false }],
    }),
    [`${rule}.rego`]: `${lines.map((line) => `# ${line}`).join("\n")}\npackage packs.${name.replaceAll("-", "_")}.${rule}\n\n${body}\n`,
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
  readonly message?: string;
}

/** The files of a pack of one rule that passes its own tests. */
export function testedSources({ bad, body, message = "it is bad", ...pack }: TestedPack): Record<string, string> {
  const name = pack.name.replaceAll("-", "_");
  const { rule = "r" } = pack;
  const usual = [
    "deny contains violation if {",
    `\tinput.review.request.object.metadata.labels.bad == ${JSON.stringify(bad)}`,
    `\tviolation := {"message": ${JSON.stringify(message)}, "path": "metadata.labels.bad", "fix": "be good", "details": {}}`,
    "}",
  ].join("\n");
  const labelled = (value: string) =>
    `operation: CREATE\nobject: {apiVersion: v1, kind: Pod, metadata: {name: p, namespace: shop, labels: {bad: ${JSON.stringify(value)}}}}\n`;
  const pod = (value: string) => `requests.create("Pod", {"metadata": {"labels": {"bad": ${JSON.stringify(value)}}}})`;
  const tests = [
    `package packs.${name}.${rule}_test`,
    `import data.lib.requests\nimport data.packs.${name}.${rule}`,
    `test_denied if count(${rule}.deny) == 1 with input as ${pod(bad)}`,
    `test_allowed if count(${rule}.deny) == 0 with input as ${pod("a")}`,
  ];
  return {
    ...tinySources({ ...pack, body: body ?? usual }),
    [`${rule}_test.rego`]: `${tests.join("\n\n")}\n`,
    [`${rule}.denied.yaml`]: labelled(bad),
    [`${rule}.clean.yaml`]: labelled("a"),
  };
}

/** A pack of many rules that all object to a pod whose label `bad` is `yes`; each says its version, so that two versions differ in every rule. */
export function manyRules(name: string, count: number, version: string): Record<string, string> {
  const numbers = Array.from({ length: count }, (_, index) => String(index).padStart(3, "0"));
  const idOf = (number: string) => `${name.toUpperCase()}-RR-${number}`;
  const rules = numbers.flatMap((number) => {
    const rule = `r${number}`;
    const files = testedSources({ name, version, rule, bad: "yes", message: version, ruleId: idOf(number), params: {} });
    return Object.entries(files).filter(([file]) => file.startsWith(rule));
  });
  const rows = numbers.map((number) => ({ rule: idOf(number), control: "i", relationship: "intersects-with", confidence: "low", reviewed: false }));
  return {
    ...Object.fromEntries(rules),
    "pack.json": JSON.stringify({ name, version, tier: "Standard" }),
    "mapping.f.json": JSON.stringify({ framework: "f", version: "v", title: "t", rows }),
  };
}
