import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { FirebreakError, messageOf } from "../model/errors.ts";
import { restrictCapabilities } from "./builtins.ts";
import { catalogueFromInspection, packManifest } from "./catalogue.ts";
import { readCrosswalk } from "./crosswalk.ts";

const run = promisify(execFile);

const entrypoint = "firebreak/main/answer";

interface CompileOptions {
  /** The `opa` command. */
  readonly opa: string;
  /** The root of the sources: `packs/`, `lib/`, `params/`, `firebreak/`, `mappings/`, `profiles/`. */
  readonly policies: string;
  /** The folder of the pack below `packs/`. */
  readonly pack: string;
  /** Where `policy.wasm`, `data.json` and `catalogue.json` are written. */
  readonly out: string;
}

/**
 * Compiles one pack, with the library and the entrypoint, into one WebAssembly module; tests stay out of it.
 *
 * @throws FirebreakError FBR_PACK_COMPILE with the compiler's own words; FBR_PACK_INVALID for bad METADATA.
 */
export async function compilePack({ opa, policies, pack, out }: CompileOptions): Promise<void> {
  const manifest = packManifest.parse(JSON.parse(await readFile(join(policies, "packs", pack, "pack.json"), "utf8")));
  const staging = await mkdtemp(join(tmpdir(), "firebreak-pack-"));
  try {
    const sources = join(staging, "sources");
    for (const part of ["firebreak", "lib", `packs/${pack}`, `params/${pack}`]) {
      await cp(join(policies, part), join(sources, part), { recursive: true, filter: isSource });
    }
    const capabilities = join(staging, "capabilities.json");
    await writeFile(capabilities, await packCapabilities(opa));
    const bundle = join(staging, "bundle.tar.gz");
    await call(opa, ["build", "-t", "wasm", "-b", sources, "-e", entrypoint, "--capabilities", capabilities, "-o", bundle]);
    await call("tar", ["-xzf", bundle, "-C", staging, "/policy.wasm", "/data.json"]);
    const inspected = await call(opa, ["inspect", "-a", "-f", "json", join(sources, "packs", pack)]);
    const version = /^Version: (\S+)/.exec(await call(opa, ["version"]))?.[1] ?? "unknown";
    await mkdir(out, { recursive: true });
    await cp(join(staging, "policy.wasm"), join(out, "policy.wasm"));
    await cp(join(staging, "data.json"), join(out, "data.json"));
    await writeFile(
      join(out, "catalogue.json"),
      `${JSON.stringify(catalogueFromInspection(inspected, manifest, version, await readCrosswalk(policies)), null, 2)}\n`,
    );
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** The capabilities file that packs are compiled with, as text. */
async function packCapabilities(opa: string): Promise<string> {
  const current = JSON.parse(await call(opa, ["capabilities", "--current"]));
  return `${JSON.stringify(restrictCapabilities(current), null, 2)}\n`;
}

function isSource(path: string): boolean {
  return !path.endsWith("_test.rego") && basename(path) !== "examples" && !path.includes(join("lib", "requests"));
}

async function call(command: string, args: string[]): Promise<string> {
  try {
    return (await run(command, args, { maxBuffer: 64 * 1024 * 1024 })).stdout;
  } catch (thrown) {
    const { stderr, stdout } = thrown as { stderr?: string; stdout?: string };
    throw new FirebreakError("FBR_PACK_COMPILE", `${basename(command)} ${args[0]}: ${stderr || stdout || messageOf(thrown)}`, { cause: thrown });
  }
}
