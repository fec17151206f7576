import { resolve } from "node:path";
import type { Configuration } from "../config/configuration.ts";
import { loadPack, type Pack } from "../guardrails/pack.ts";

/** The configured packs; relative paths start where Firebreak is installed. */
export function loadPacks({ packs }: Configuration, root: string, profile?: string): Promise<Pack[]> {
  return Promise.all(packs.map(({ path, ...settings }) => loadPack(resolve(root, path), profile === undefined ? settings : { ...settings, profile })));
}
