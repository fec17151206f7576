import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { compilePack } from "../src/guardrails/compile.ts";

const root = join(import.meta.dirname, "..");

/** The default pack with `count` more rules of one kind, each as costly as a rule about containers is; compiled. */
export async function packWithMoreRules(folder: string, name: string, count: number, kind: string, opa: string): Promise<string> {
  const policies = join(folder, name, "policies");
  await cp(join(root, "policies"), policies, { recursive: true });
  const file = join(policies, "mappings", "nist-800-53@r5.json");
  const mapping = JSON.parse(await readFile(file, "utf8")) as { rows: object[] };
  for (let index = 0; index < count; index++) {
    const rule = `bench_mr_${String(index).padStart(3, "0")}`;
    const id = rule.toUpperCase().replaceAll("_", "-");
    mapping.rows.push({ rule: id, control: "cm-7", relationship: "intersects-with", confidence: "low", reviewed: false });
    const target = join(policies, "packs", "segmentation_baseline", rule);
    await mkdir(target, { recursive: true });
    await writeFile(join(target, `${rule}.rego`), ruleText(rule, id, kind, index));
  }
  await writeFile(file, JSON.stringify(mapping));
  const out = join(folder, name, "pack");
  await compilePack({ opa, policies, pack: "segmentation_baseline", out });
  return out;
}

function ruleText(rule: string, id: string, kind: string, index: number): string {
  return `# METADATA
# title: More rules
# description: One more rule about containers.
# scope: package
# custom:
#   id: ${id}
#   severity: low
#   action: warn
#   tier: Standard
#   ratchet: true
#   kinds: [${kind}]
#   operations: [CREATE, UPDATE]
#   facts: []
#   rationale: To measure what a rule costs.
#   remediation: None.
package packs.segmentation_baseline.${rule}

import data.lib.pods

deny contains violation if {
	some found in pods.containers
	added := {upper(name) | some name in object.get(found.container, ["securityContext", "capabilities", "add"], [])}
	"CAPABILITY_${index}" in added
	violation := {
		"message": sprintf("container %s adds it", [found.container.name]),
		"path": pods.container_path(found, ["securityContext"]),
		"fix": "remove it",
		"details": {"container": found.container.name},
	}
}
`;
}
