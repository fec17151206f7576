import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadPack } from "../../src/guardrails/pack.ts";
import { packFile } from "./core.ts";

const pack = join(import.meta.dirname, "..", "..", "policies", "packs", "segmentation_baseline");
const { catalogue } = await loadPack(packFile);
const ids = new Set(catalogue.rules.map(({ id }) => id));

interface Row {
  readonly rule: string;
  readonly control: string;
  readonly reviewed: boolean;
}

test.each(readdirSync(join(pack, "mappings")))("%s names rules that exist, each control once for a rule", (file) => {
  const { framework, version, rows } = JSON.parse(readFileSync(join(pack, "mappings", file), "utf8")) as {
    framework: string;
    version: string;
    rows: Row[];
  };
  expect(file).toBe(`${framework}@${version}.json`);
  expect(rows.map(({ rule }) => rule).filter((rule) => !ids.has(rule))).toEqual([]);
  const pairs = rows.map(({ rule, control }) => `${rule} ${control}`);
  expect(pairs).toEqual([...new Set(pairs)].sort((a, b) => pairs.indexOf(a) - pairs.indexOf(b)));
});

test("the profiles of the frameworks are there, and raise rules that their mapping names", () => {
  const wanted = ["cis-1.12", "dora", "gdpr", "hipaa", "iso-27001-2022", "nis2", "nist-800-53-r5", "pci-dss-4.0.1", "soc2"];
  expect(catalogue.profiles.map(({ id }) => id).sort()).toEqual(wanted);
  for (const { id, framework, version, actions } of catalogue.profiles) {
    for (const ruleId of Object.keys(actions)) {
      const rule = catalogue.rules.find((entry) => entry.id === ruleId);
      expect(rule?.controls, `${id} raises ${ruleId}`).toContainEqual(expect.objectContaining({ framework, version }));
    }
  }
});

test("a profile raises actions and sets parameters; the configuration goes before it; Mandatory rules are not configurable", async () => {
  const pci = await loadPack(packFile, { profile: "pci-dss-4.0.1", actions: { "SEG-EX-005": "warn" } });
  expect(pci.actions.get("SEG-EG-007")).toBe("deny");
  expect(pci.actions.get("SEG-EX-005")).toBe("warn");
  expect(pci.data.params["segmentation_baseline"]?.["seg_sl_003"]).toEqual({ maxPortSpan: 100 });
  await expect(loadPack(packFile, { profile: "pci" })).rejects.toThrow("has no profile pci; it has: cis-1.12");
  await expect(loadPack(packFile, { actions: { "SEG-ID-004": "warn" } })).rejects.toThrow("SEG-ID-004 is Mandatory");
});
