/** `npm run docs`: writes `docs/rules/` from the compiled pack; `--check` only compares. */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { loadPack } from "../../src/guardrails/pack.ts";
import { type RuleExample, rulePage, rulesIndex } from "./rule-page.ts";

const root = join(import.meta.dirname, "..", "..");
const pack = "segmentation_baseline";
const target = join(root, "docs", "rules");

const wanted = await pages();
if (process.argv.includes("--check")) process.exitCode = await compare();
else await write();

async function pages(): Promise<Map<string, string>> {
  const { catalogue, data } = await loadPack(join(root, "dist", "packs", `${pack}.tar.gz`));
  const all = new Map([["README.md", `${rulesIndex(catalogue)}\n`]]);
  for (const rule of catalogue.rules) {
    all.set(`${rule.id}.md`, `${rulePage(rule, data.params[pack]?.[rule.package], await examplesOf(rule.package))}\n`);
  }
  return all;
}

async function examplesOf(rule: string): Promise<RuleExample[]> {
  const folder = join(root, "policies", "packs", pack, rule, "examples");
  const files = (await readdir(folder)).sort();
  return Promise.all(files.map(async (file) => ({ name: basename(file, ".yaml"), text: await readFile(join(folder, file), "utf8") })));
}

async function write(): Promise<void> {
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  for (const [file, text] of wanted) await writeFile(join(target, file), text);
  process.stdout.write(`${wanted.size} pages in docs/rules\n`);
}

async function compare(): Promise<number> {
  const there = await readdir(target).catch(() => []);
  const stale = [...new Set([...there, ...wanted.keys()])].sort();
  const differing: string[] = [];
  for (const file of stale) {
    if ((await readFile(join(target, file), "utf8").catch(() => undefined)) !== wanted.get(file)) differing.push(file);
  }
  if (differing.length === 0) return 0;
  process.stderr.write(`docs/rules is not what the rules say (npm run docs): ${differing.join(", ")}\n`);
  return 1;
}
