/** `npm run packs`: compiles every pack of `policies/packs` into `dist/packs`. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { compilePack } from "../../src/guardrails/compile.ts";
import { obtainOpa } from "../obtain/opa.ts";

/** Compiles all packs; answers the folders of the compiled ones. */
export async function buildPacks(root: string): Promise<string[]> {
  const opa = await obtainOpa();
  const policies = join(root, "policies");
  const packs = await readdir(join(policies, "packs"));
  return Promise.all(
    packs.map(async (pack) => {
      const out = join(root, "dist", "packs", pack);
      await compilePack({ opa, policies, pack, out });
      return out;
    }),
  );
}

if (import.meta.main) {
  for (const folder of await buildPacks(join(import.meta.dirname, "..", ".."))) process.stdout.write(`${folder}\n`);
}
