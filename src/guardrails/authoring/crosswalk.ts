import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Control } from "../../model/decision.ts";
import { type Crosswalk, profile } from "../catalogue.ts";
import { readJson } from "./sources.ts";

/**
 * `mappings/<framework>@<version>.json`. Relationship and confidence are words of the OSCAL mapping model; a row stays
 * unreviewed until a compliance owner confirms it.
 */
const mapping = z.strictObject({
  framework: z.string(),
  version: z.string(),
  title: z.string(),
  rows: z.array(
    z.strictObject({
      rule: z.string(),
      control: z.string(),
      relationship: z.enum(["equivalent-to", "equal-to", "subset-of", "superset-of", "intersects-with", "no-relationship"]),
      confidence: z.enum(["high", "medium", "low"]),
      reviewed: z.boolean(),
    }),
  ),
});

/** Messages show the first few controls only: those that most readers ask for. */
const shownFirst: readonly string[] = ["pci-dss", "nist-800-53", "cis-kubernetes", "iso-27001", "soc2"];

const schemas = z.record(z.string(), z.record(z.string(), z.json()));

/**
 * Reads `mappings/`, `profiles/` and `params.schema.json` of a pack's sources.
 *
 * @throws FirebreakError FBR_PACK_INVALID with the file and the field that is wrong.
 */
export async function readCrosswalk(folder: string): Promise<Crosswalk> {
  const mappings = await readFolder(join(folder, "mappings"), mapping);
  const profiles = await readFolder(join(folder, "profiles"), profile);
  const rows = mappings.flatMap(({ framework, version, rows: some }) =>
    some.map(({ rule, control, reviewed }) => ({ rule, control: { framework, version, id: control, reviewed } satisfies Control })),
  );
  const byRule = Map.groupBy(rows, ({ rule }) => rule);
  return {
    controls: new Map([...byRule].map(([rule, some]) => [rule, some.map(({ control }) => control).sort(byFramework)])),
    profiles,
    schemas: await readJson(join(folder, "params.schema.json"), schemas, {}),
  };
}

function byFramework(a: Control, b: Control): number {
  const rank = ({ framework }: Control) => (shownFirst.includes(framework) ? shownFirst.indexOf(framework) : shownFirst.length);
  return rank(a) - rank(b);
}

async function readFolder<T>(folder: string, schema: z.ZodType<T>): Promise<T[]> {
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((file) => file.endsWith(".json")).sort();
  return Promise.all(files.map((file) => readJson(join(folder, file), schema)));
}
