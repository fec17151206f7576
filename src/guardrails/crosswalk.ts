import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Control } from "../model/decision.ts";
import { FirebreakError, messageOf } from "../model/errors.ts";
import { type Crosswalk, profile } from "./catalogue.ts";

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

/**
 * Reads `mappings/` and `profiles/` below the root of the Rego sources.
 *
 * @throws FirebreakError FBR_PACK_INVALID with the file and the field that is wrong.
 */
export async function readCrosswalk(policies: string): Promise<Crosswalk> {
  const mappings = await readFolder(join(policies, "mappings"), mapping);
  const profiles = await readFolder(join(policies, "profiles"), profile);
  const rows = mappings.flatMap(({ framework, version, rows: some }) =>
    some.map(({ rule, control, reviewed }) => ({ rule, control: { framework, version, id: control, reviewed } satisfies Control })),
  );
  const byRule = Map.groupBy(rows, ({ rule }) => rule);
  return { controls: new Map([...byRule].map(([rule, some]) => [rule, some.map(({ control }) => control).sort(byFramework)])), profiles };
}

function byFramework(a: Control, b: Control): number {
  const rank = ({ framework }: Control) => (shownFirst.includes(framework) ? shownFirst.indexOf(framework) : shownFirst.length);
  return rank(a) - rank(b);
}

async function readFolder<T>(folder: string, schema: z.ZodType<T>): Promise<T[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".json")).sort();
  return Promise.all(
    files.map(async (file) => {
      try {
        return schema.parse(JSON.parse(await readFile(join(folder, file), "utf8")));
      } catch (cause) {
        const why = cause instanceof z.ZodError ? z.prettifyError(cause) : messageOf(cause);
        throw new FirebreakError("FBR_PACK_INVALID", `${join(folder, file)}: ${why}`, { cause });
      }
    }),
  );
}
