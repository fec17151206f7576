import { buildPacks } from "../tools/pack/build.ts";

/** Compiles the packs before any test reads them. */
export default async function setup(): Promise<void> {
  await buildPacks(`${import.meta.dirname}/..`);
}
