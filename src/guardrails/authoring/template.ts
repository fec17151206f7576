import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { FirebreakError } from "../../model/errors.ts";
import type { Library } from "./sources.ts";

/** The pack in `policies/template`, whose names are replaced. */
const template = { folder: "acme_guardrails", name: "acme-guardrails", rule: "acme_im_001", prefix: "ACME" };

/**
 * Writes a pack that passes its own tests: one rule, parameters with a schema, a mapping, a profile.
 *
 * @returns the files that were written.
 * @throws FirebreakError FBR_USAGE where the folder holds something already, or its name is none for a pack.
 */
export async function writeTemplate(library: Library, target: string): Promise<string[]> {
  const folder = basename(target);
  if (!/^[a-z][a-z0-9]*([-_][a-z0-9]+)*$/.test(folder))
    throw new FirebreakError("FBR_USAGE", `${folder} cannot be the name of a pack: lower-case letters and digits, parts joined by - or _`);
  if ((await readdir(target).catch(() => [])).length > 0) throw new FirebreakError("FBR_USAGE", `${target} is there already and is not empty`);
  const name = folder.replaceAll("_", "-");
  const first = name.split("-")[0] as string;
  const prefix = first.replace(/\d/g, "").toUpperCase();
  const renamed = (text: string) =>
    text
      .replaceAll(template.folder, name.replaceAll("-", "_"))
      .replaceAll(template.name, name)
      .replaceAll(template.rule, `${prefix.toLowerCase()}_im_001`)
      .replaceAll(`${template.prefix}-IM`, `${prefix}-IM`);
  const source = join(library, "template", template.folder);
  const files = (await readdir(source, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const written: string[] = [];
  for (const entry of files) {
    const from = join(entry.parentPath, entry.name);
    const to = renamed(from.slice(source.length + 1));
    await mkdir(dirname(join(target, to)), { recursive: true });
    await writeFile(join(target, to), renamed(await readFile(from, "utf8")));
    written.push(to);
  }
  return written.sort();
}
