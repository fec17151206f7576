import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { workshop } from "../src/compose/workshop.ts";
import { compilePack } from "../src/guardrails/authoring/compile.ts";
import { writeBundle } from "../src/guardrails/bundle/bundle.ts";

const root = join(import.meta.dirname, "..");

/** The default pack with `count` more rules of one kind, each as costly as a rule about containers is; its bundle. */
export async function packWithMoreRules(folder: string, name: string, count: number, kind: string, opa: string): Promise<string> {
  const pack = join(folder, name, "segmentation_baseline");
  await cp(join(root, "policies", "packs", "segmentation_baseline"), pack, { recursive: true });
  const file = join(pack, "mappings", "nist-800-53@r5.json");
  const mapping = JSON.parse(await readFile(file, "utf8")) as { rows: object[] };
  for (let index = 0; index < count; index++) {
    const rule = `bench_mr_${String(index).padStart(3, "0")}`;
    const id = rule.toUpperCase().replaceAll("_", "-");
    mapping.rows.push({ rule: id, control: "cm-7", relationship: "intersects-with", confidence: "low", reviewed: false });
    await mkdir(join(pack, rule), { recursive: true });
    await writeFile(join(pack, rule, `${rule}.rego`), ruleText(rule, id, kind, index));
  }
  await writeFile(file, JSON.stringify(mapping));
  const bundle = join(folder, `${name}.tar.gz`);
  await writeFile(bundle, writeBundle(await compilePack(pack, workshop(root, opa))));
  return bundle;
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
