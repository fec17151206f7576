import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FirebreakError } from "../../model/errors.ts";
import { restrictCapabilities } from "../builtins.ts";
import { readBundle, textOf } from "../bundle/bundle.ts";
import { type Catalogue, catalogueFromInspection } from "../catalogue.ts";
import { type Opa, opaVersion, runOpa } from "../opa.ts";
import { checkParameters } from "../parameters.ts";
import { readCrosswalk } from "./crosswalk.ts";
import { inAuthorsPaths, type Library, layOut, type PackSources, readSources } from "./sources.ts";

const entrypoint = "firebreak/main/answer";

export interface Workshop {
  readonly opa: Opa;
  readonly library: Library;
}

/**
 * Compiles one pack, with the library and the entrypoint, into one WebAssembly module; tests stay out of it.
 *
 * @returns the files of its bundle, unsigned and without a report of tests.
 * @throws FirebreakError FBR_PACK_COMPILE with the compiler's own words; FBR_PACK_INVALID for bad METADATA, parameters or mappings.
 */
export async function compilePack(folder: string, { opa, library }: Workshop): Promise<Map<string, Uint8Array>> {
  const sources = await readSources(folder);
  return inStaging(sources, library, false, async (staged, staging) => {
    const capabilities = await writeCapabilities(opa, staging);
    const bundle = join(staging, "bundle.tar.gz");
    await compiler(opa, ["build", "-t", "wasm", "-b", ".", "-e", entrypoint, "--capabilities", capabilities, "-o", bundle], staged, sources);
    const inspected = await compiler(opa, ["inspect", "-a", "-f", "json", join("packs", sources.package)], staged, sources);
    const catalogue = catalogueFromInspection(inspected, sources.manifest, await opaVersion(opa), await readCrosswalk(folder));
    const files = readBundle(await readFile(bundle));
    const data = JSON.parse(textOf(files, "data.json")) as { params?: Record<string, Record<string, Record<string, unknown>>> };
    checkDefaults(catalogue, data.params?.[sources.package] ?? {});
    files.set("data.json", json(data));
    files.set("catalogue.json", json(catalogue));
    files.set(".manifest", json(manifestOf(sources)));
    return files;
  });
}

/**
 * Says whether sources compile without compiling them: syntax, types, and calls of nothing but what packs may call. It takes a
 * tenth of the time.
 *
 * @throws FirebreakError FBR_PACK_COMPILE with file, line and the compiler's words.
 */
export async function checkSources(folder: string, { opa, library }: Workshop): Promise<void> {
  const sources = await readSources(folder);
  await inStaging(sources, library, true, async (staged, staging) => {
    const capabilities = await writeCapabilities(opa, staging);
    const schema = join(library, "schemas", "input.json");
    await compiler(opa, ["check", "--strict", "--schema", schema, "--capabilities", capabilities, "."], staged, sources);
  });
}

/** Does something with the sources laid out in a folder of their own, and clears it away. */
export async function inStaging<T>(
  sources: PackSources,
  library: Library,
  withTests: boolean,
  task: (staged: string, staging: string) => Promise<T>,
): Promise<T> {
  const staging = await mkdtemp(join(tmpdir(), "firebreak-pack-"));
  try {
    const staged = join(staging, "sources");
    await layOut(sources, library, staged, withTests);
    return await task(staged, staging);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function compiler(opa: Opa, args: readonly string[], staged: string, sources: PackSources): Promise<string> {
  // Paths as OPA is given them stand in the bundle: nothing of this machine may.
  const { code, stdout, stderr } = await runOpa(opa, args, staged);
  if (code === 0) return stdout;
  const words = inAuthorsPaths((stderr || stdout).trim(), staged, sources);
  const hint = /undefined function/.test(words)
    ? "\npacks may call only what docs/rule-packs.md lists: nothing that reaches out, reads a clock or draws lots"
    : "";
  throw new FirebreakError("FBR_PACK_COMPILE", `${sources.manifest.name} does not compile: ${words}${hint}`);
}

async function writeCapabilities(opa: Opa, staging: string): Promise<string> {
  const file = join(staging, "capabilities.json");
  const current = JSON.parse((await runOpa(opa, ["capabilities", "--current"])).stdout);
  await writeFile(file, JSON.stringify(restrictCapabilities(current)));
  return file;
}

/** A default that its own schema refuses would be refused as soon as somebody writes it down. */
function checkDefaults(catalogue: Catalogue, params: Readonly<Record<string, Record<string, unknown>>>): void {
  for (const [folder, values] of Object.entries(params)) {
    const rule = catalogue.rules.find((entry) => entry.package === folder);
    if (rule === undefined) throw new FirebreakError("FBR_PACK_INVALID", `params.json has parameters for ${folder}, and there is no such rule`);
    checkParameters(rule, values);
  }
}

/** OPA's own manifest. The revision is the version: whoever distributes bundles compares it. */
function manifestOf({ manifest, package: name }: PackSources): object {
  return {
    revision: manifest.version,
    roots: ["firebreak", "lib", `packs/${name}`, `params/${name}`],
    rego_version: 1,
    wasm: [{ entrypoint, module: "/policy.wasm" }],
    metadata: { pack: manifest },
  };
}

export function json(value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}
