import { cp, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { z } from "zod";
import { FirebreakError, messageOf } from "../../model/errors.ts";
import { type PackManifest, packManifest } from "../catalogue.ts";

/**
 * The sources of a pack are one folder:
 *
 *     pack.json             name, version, tier
 *     params.json           defaults of parameters, by rule
 *     params.schema.json    a JSON Schema for the parameters of each rule
 *     <rule>/<rule>.rego    one rule, package packs.<pack>.<rule>
 *     <rule>/<rule>_test.rego
 *     <rule>/examples/*.yaml
 *     lib/<name>/*.rego     what rules share, package packs.<pack>.lib.<name>
 *     profiles/*.json, mappings/*.json
 */
export interface PackSources {
  readonly folder: string;
  readonly manifest: PackManifest;
  /** The name of the pack as a part of Rego packages: `segmentation_baseline`. */
  readonly package: string;
}

/** What Firebreak gives to every pack: `firebreak/` (the entrypoint), `lib/` and `schemas/`. */
export type Library = string;

const notRules: ReadonlySet<string> = new Set(["lib", "profiles", "mappings"]);

/** @throws FirebreakError FBR_PACK_INVALID where pack.json is missing or wrong. */
export async function readSources(folder: string): Promise<PackSources> {
  const manifest = await readJson(join(folder, "pack.json"), packManifest);
  return { folder, manifest, package: manifest.name.replaceAll("-", "_") };
}

/** The folders of the rules. */
export async function ruleFolders({ folder }: PackSources): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() && !notRules.has(entry.name) && !entry.name.startsWith(".") ? [entry.name] : [])).sort();
}

/** Lays the sources out as OPA reads them: with the library, the entrypoint, and the parameters as data. Tests only on request. */
export async function layOut(sources: PackSources, library: Library, target: string, withTests: boolean): Promise<void> {
  const filter = (path: string) => withTests || (!path.endsWith("_test.rego") && !relative(library, path).startsWith(join("lib", "requests")));
  for (const part of ["firebreak", "lib"]) await cp(join(library, part), join(target, part), { recursive: true, filter });
  const pack = join(target, "packs", sources.package);
  for (const file of await regoFiles(sources.folder)) {
    if (!withTests && file.endsWith("_test.rego")) continue;
    await mkdir(dirname(join(pack, file)), { recursive: true });
    await cp(join(sources.folder, file), join(pack, file));
  }
  const params = await readJson(join(sources.folder, "params.json"), z.record(z.string(), z.record(z.string(), z.json())), {});
  const data = join(target, "params", sources.package);
  await mkdir(data, { recursive: true });
  await writeFile(join(data, "data.json"), JSON.stringify(params));
}

async function regoFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => name.endsWith(".rego")).sort();
}

/** The compiler's words with paths as the author knows them. */
export function inAuthorsPaths(text: string, target: string, sources: PackSources): string {
  return text.replaceAll(`${target}/`, "").replaceAll(`packs/${sources.package}/`, "");
}

/**
 * A JSON file of a pack; where it may be left out, what stands for it.
 *
 * @throws FirebreakError FBR_PACK_INVALID with the file and the field.
 */
export async function readJson<T>(file: string, schema: z.ZodType<T>, otherwise?: T): Promise<T> {
  try {
    return schema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (cause) {
    if (otherwise !== undefined && (cause as { code?: string }).code === "ENOENT") return otherwise;
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : messageOf(cause);
    throw new FirebreakError("FBR_PACK_INVALID", `${file}: ${why}`, { cause });
  }
}

/**
 * Files by flat name, as a ConfigMap holds them, as files of a folder: `r.rego`, `r_test.rego` and `r.denied.yaml` belong to the
 * rule `r`, `mapping.x.json` and `profile.x.json` to their folders. A name with a slash is a path already.
 *
 * @throws FirebreakError FBR_PACK_INVALID for a name that leads out of the folder.
 */
function pathOfFlat(name: string): string {
  if (name.startsWith("/") || name.split("/").some((part) => part === "" || part === "." || part === ".."))
    throw new FirebreakError("FBR_PACK_INVALID", `${name} is no path inside of the pack`);
  if (name.includes("/")) return name;
  const beside = /^(mapping|profile)\.(.+\.json)$/.exec(name);
  if (beside) return `${beside[1]}s/${beside[2]}`;
  const shared = /^lib\.([a-z0-9_]+)\.rego$/.exec(name);
  if (shared) return `lib/${shared[1]}/${shared[1]}.rego`;
  const rule = /^([a-z0-9_]+?)(_test)?\.rego$/.exec(name);
  if (rule) return `${rule[1]}/${name}`;
  const example = /^([a-z0-9_]+)\.(.+\.yaml)$/.exec(name);
  return example ? `${example[1]}/examples/${example[2]}` : name;
}

/** Writes files, given by name, to a folder. */
export async function writeSources(files: Readonly<Record<string, string>>, folder: string): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, pathOfFlat(name));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}

/** Whether a path is the sources of a pack and no bundle. */
export async function isSourceFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() === true && basename(path) !== "";
}
