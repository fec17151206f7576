/** `npm run packs`: compiles and tests every pack of `policies/packs` and writes its bundle to `dist/packs`. */
import { mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildPack, workshop } from "../../src/compose/workshop.ts";
import { writeBundle } from "../../src/guardrails/bundle/bundle.ts";
import { obtainOpa } from "../obtain/opa.ts";

/** Builds all packs; answers their bundles. */
export async function buildPacks(root: string): Promise<string[]> {
  const tools = workshop(root, await obtainOpa());
  const packs = join(root, "policies", "packs");
  const out = join(root, "dist", "packs");
  await mkdir(out, { recursive: true });
  return Promise.all(
    (await readdir(packs)).map(async (pack) => {
      const file = join(out, `${pack}.tar.gz`);
      // Another process may be reading the one that is there.
      const written = join(out, `.${pack}.${process.pid}`);
      await writeFile(written, writeBundle(await buildPack(join(packs, pack), tools)));
      await rename(written, file);
      return file;
    }),
  );
}

if (import.meta.main) {
  for (const file of await buildPacks(join(import.meta.dirname, "..", ".."))) process.stdout.write(`${file}\n`);
}
