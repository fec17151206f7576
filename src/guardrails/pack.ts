import { readFile } from "node:fs/promises";
import { Worker } from "node:worker_threads";
import type { EnforcementAction } from "../model/decision.ts";
import { FirebreakError, messageOf } from "../model/errors.ts";
import type { FactObjects } from "../model/facts.ts";
import { hostBuiltins } from "./builtins.ts";
import { digestOf, readBundle, textOf } from "./bundle/bundle.ts";
import type { Files } from "./bundle/tar.ts";
import { type Catalogue, type CatalogueEntry, type Profile, parseCatalogue } from "./catalogue.ts";
import { checkParameters, type RuleParameters } from "./parameters.ts";

/** A module of 1,000 rules stands in a tenth of this on a busy machine. */
const standMillis = 5000;
const resourceLimits = { maxOldGenerationSizeMb: 64, stackSizeMb: 4 };

/** A compiled pack, checked and ready to be handed to workers. */
export interface Pack {
  readonly catalogue: Catalogue;
  /** `sha256:` and the hexadecimal digest over the files of the bundle, without its signatures. */
  readonly digest: string;
  readonly module: WebAssembly.Module;
  /** What the module reads as `data`: the parameters, overrides merged in. */
  readonly data: PackData;
  /** Actions that a profile or the configuration gives rules, by rule id. */
  readonly actions: ReadonlyMap<string, EnforcementAction>;
}

/** How a pack is set up. What the configuration says itself goes before its profile. */
export interface PackSettings {
  readonly profile?: string | undefined;
  /** By rule id (`SEG-EG-001`). */
  readonly parameters?: Parameters | undefined;
  readonly actions?: Readonly<Record<string, EnforcementAction>> | undefined;
}

export interface PackData {
  /** Declared facts, by pack and name; absent where the pack declares none. */
  readonly facts?: Readonly<Record<string, Readonly<Record<string, FactObjects>>>>;
  readonly params: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
}

type Parameters = Readonly<Record<string, RuleParameters>>;

/**
 * Reads the bundle of a pack from a file.
 *
 * @throws FirebreakError FBR_PACK_INVALID (not there, wrong shape, unknown profile, rule or parameter), FBR_PACK_BUILTIN, FBR_BUNDLE_INVALID.
 */
export async function loadPack(file: string, settings: PackSettings = {}): Promise<Pack> {
  const bytes = await readFile(file).catch((cause) => {
    throw new FirebreakError("FBR_PACK_INVALID", `${file} cannot be read: ${messageOf(cause)}; build the pack first`, { cause });
  });
  return packFrom(readBundle(bytes), settings);
}

/**
 * A pack from the files of its bundle.
 *
 * @throws FirebreakError as `loadPack`.
 */
export async function packFrom(files: Files, settings: PackSettings = {}): Promise<Pack> {
  const catalogue = parseCatalogue(textOf(files, "catalogue.json"));
  const { name } = catalogue.manifest;
  const wasm = files.get("policy.wasm");
  if (wasm === undefined) throw new FirebreakError("FBR_PACK_INVALID", `the bundle of ${name} has no policy.wasm`);
  const module = await WebAssembly.compile(Uint8Array.from(wasm)).catch((cause: unknown) => {
    throw new FirebreakError("FBR_PACK_INVALID", `the module of ${name} is none: ${messageOf(cause)}`, { cause });
  });
  await checkBuiltins(module, name);
  const profile = profileOf(catalogue, settings.profile);
  const defaults = JSON.parse(textOf(files, "data.json")) as PackData;
  const data = withParameters(withParameters(defaults, catalogue, profile?.parameters ?? {}), catalogue, settings.parameters ?? {});
  return { catalogue, digest: digestOf(files), module, data, actions: actionsOf(catalogue, { ...profile?.actions, ...settings.actions }) };
}

function profileOf(catalogue: Catalogue, id: string | undefined): Profile | undefined {
  if (id === undefined) return undefined;
  const found = catalogue.profiles.find((profile) => profile.id === id);
  if (found !== undefined) return found;
  const known = catalogue.profiles.map((profile) => profile.id).join(", ");
  throw new FirebreakError("FBR_PACK_INVALID", `the pack ${catalogue.manifest.name} has no profile ${id}; it has: ${known}`);
}

/** Only what a rule does is configured, never what it guards: a Mandatory rule keeps its action. */
function actionsOf(catalogue: Catalogue, actions: Readonly<Record<string, EnforcementAction>>): Map<string, EnforcementAction> {
  for (const id of Object.keys(actions)) {
    const { tier } = ruleOf(catalogue, id, "actions");
    if (tier === "Mandatory") throw new FirebreakError("FBR_PACK_INVALID", `${id} is Mandatory: its action is not configurable`);
  }
  return new Map(Object.entries(actions));
}

function ruleOf(catalogue: Catalogue, id: string, what: string): CatalogueEntry {
  const rule = catalogue.rules.find((entry) => entry.id === id);
  if (rule !== undefined) return rule;
  throw new FirebreakError("FBR_PACK_INVALID", `${what} name the rule ${id}, which the pack ${catalogue.manifest.name} does not have`);
}

/** Fails where the module would call out of itself for anything that is not on the allow-list. */
async function checkBuiltins(module: WebAssembly.Module, name: string): Promise<void> {
  const needed = await builtinsOf(module).catch((cause: unknown) => {
    throw new FirebreakError("FBR_PACK_INVALID", `the module of ${name} is no module of OPA's: ${messageOf(cause)}`, { cause });
  });
  const refused = needed.filter((builtin) => !hostBuiltins.has(builtin));
  if (refused.length > 0) throw new FirebreakError("FBR_PACK_BUILTIN", `the pack ${name} needs ${refused.join(", ")}, which packs may not call`);
}

/** A module may have code that runs as soon as it stands: it stands in a thread of its own, and not for long. */
function builtinsOf(module: WebAssembly.Module): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./builtins-worker.ts", import.meta.url), { workerData: module, stdout: true, stderr: true, resourceLimits });
    const timer = setTimeout(() => {
      reject(new Error(`it did not stand within ${standMillis} ms`));
      void worker.terminate();
    }, standMillis);
    worker.once("message", (names: readonly string[]) => resolve(names));
    worker.once("error", reject);
    worker.once("exit", () => {
      clearTimeout(timer);
      reject(new Error("it ended before it stood"));
    });
  });
}

function withParameters(data: PackData, catalogue: Catalogue, overrides: Parameters): PackData {
  const pack = catalogue.manifest.name.replaceAll("-", "_");
  const merged = new Map(Object.entries(data.params?.[pack] ?? {}));
  for (const [id, values] of Object.entries(overrides)) {
    const rule = ruleOf(catalogue, id, "parameters");
    const defaults = merged.get(rule.package) ?? {};
    const unknown = Object.keys(values).find((key) => !Object.hasOwn(defaults, key));
    if (unknown !== undefined)
      throw new FirebreakError("FBR_PACK_INVALID", `${id} has no parameter ${unknown}; it has: ${Object.keys(defaults).join(", ") || "none"}`);
    checkParameters(rule, values);
    merged.set(rule.package, { ...defaults, ...values });
  }
  return { params: { [pack]: Object.fromEntries(merged) } };
}
