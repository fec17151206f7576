import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Arguments } from "../cli/arguments.ts";
import { readText } from "../cli/documents.ts";
import type { Terminal } from "../cli/terminal.ts";
import { ApiClient, absent } from "../cluster/api-client.ts";
import { userCredentials } from "../cluster/credentials.ts";
import { isSourceFolder, readSources } from "../guardrails/authoring/sources.ts";
import { readBundle, textOf, writeBundle } from "../guardrails/bundle/bundle.ts";
import { verifyFiles } from "../guardrails/bundle/signature.ts";
import { parseCatalogue } from "../guardrails/catalogue.ts";
import { FirebreakError } from "../model/errors.ts";
import type { PackKey, PackSource, RulePack } from "../model/rule-pack.ts";
import { type Paint, paint, printable } from "../reports/paint.ts";
import { commandConfiguration } from "./command-configuration.ts";
import type { Environment } from "./environment.ts";
import { bytesOf, trustedKey } from "./pack.ts";

const manager = { fieldManager: "firebreak-pack", force: true };
const lookMillis = 500;

/** `firebreak pack apply PACK --tier TIER`: 1 where it is not put in force. */
export async function runPackApply(args: Arguments, _environment: Environment, terminal: Terminal): Promise<number> {
  const [path, ...more] = args.operands;
  if (path === undefined || more.length > 0) throw new FirebreakError("FBR_USAGE", "pack apply needs one pack: a signed bundle, or a folder of sources");
  const { namespace } = await commandConfiguration(args.text("config"));
  const api = new ApiClient(userCredentials(), () => {});
  try {
    const keys = await Promise.all(args.list("key").map(trustedKey));
    const { name: packName, source } = (await isSourceFolder(path)) ? await sourcesOf(path) : await bundleOf(path, keys, api, namespace);
    const name = args.text("name") ?? packName;
    const stored = await api.get<RulePack>(rulePackPath(name)).catch(absent);
    const tier = args.text("tier") ?? stored?.spec?.tier;
    if (tier === undefined) throw new FirebreakError("FBR_USAGE", `there is no RulePack ${name} yet: say which --tier it is to have`);
    const spec = {
      ...stored?.spec,
      tier,
      source,
      ...bindingsOf(stored, args.text("stage")),
      ...(keys.length === 0 ? { trustedKeys: undefined } : { trustedKeys: keys }),
    };
    const applied = await write(api, name, spec, stored);
    terminal.write(`rulepack.firebreak.dev/${name} ${stored === undefined ? "created" : "changed"}\n`);
    return args.flag("wait") ? await wait(api, name, applied.metadata?.generation ?? 0, seconds(args), terminal) : 0;
  } finally {
    api.close();
  }
}

/** A pack that is new is only told of, unless a stage was asked for; one that is there keeps where it holds. */
function bindingsOf(stored: RulePack | undefined, stage: string | undefined): object {
  if (stage === undefined && stored?.spec?.bindings !== undefined) return {};
  const at = stage ?? "warn";
  return { bindings: [{ name: "everywhere", admission: at, scan: at, ci: at }] };
}

/** Written as a whole by whoever read it: what another wrote meanwhile is not lost, but a conflict. */
function write(api: ApiClient, name: string, spec: object, stored: RulePack | undefined): Promise<RulePack> {
  const body = { apiVersion: "firebreak.dev/v1alpha1", kind: "RulePack", metadata: stored?.metadata ?? { name }, spec };
  if (stored === undefined) return api.call<RulePack>("POST", "/apis/firebreak.dev/v1alpha1/rulepacks", { body, timeoutMillis: 30_000 });
  return api.call<RulePack>("PUT", rulePackPath(name), { body, timeoutMillis: 30_000 });
}

async function sourcesOf(folder: string): Promise<{ name: string; source: PackSource }> {
  const { manifest } = await readSources(folder);
  const names = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const paths = names.map((entry) => join(entry.parentPath, entry.name)).filter((path) => /\.(rego|json|ya?ml)$/.test(path));
  const files = await Promise.all(paths.sort().map(async (path) => [path.slice(join(folder, "/").length), await readText(path)] as const));
  return { name: manifest.name, source: { inline: { files: Object.fromEntries(files) } } };
}

async function bundleOf(file: string, keys: readonly PackKey[], api: ApiClient, namespace: string): Promise<{ name: string; source: PackSource }> {
  const files = readBundle(await bytesOf(file));
  if (keys.length === 0) throw new FirebreakError("FBR_USAGE", "a bundle is applied with --key ID=FILE, the public key of whoever signed it");
  verifyFiles(files, keys);
  const { name } = parseCatalogue(textOf(files, "catalogue.json")).manifest;
  const configMap = `rule-pack-${name}`;
  const body = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: configMap, namespace },
    binaryData: { "bundle.tar.gz": Buffer.from(writeBundle(files)).toString("base64") },
  };
  await api.call("PATCH", `/api/v1/namespaces/${namespace}/configmaps/${configMap}`, { query: manager, body, contentType: "application/apply-patch+yaml" });
  return { name, source: { bundleConfigMap: { name: configMap, key: "bundle.tar.gz" } } };
}

/** Until the leader has said what became of this generation. */
async function wait(api: ApiClient, name: string, generation: number, limit: number, terminal: Terminal): Promise<number> {
  const end = Date.now() + limit * 1000;
  const colours = paint(terminal.colour);
  for (;;) {
    const { status } = await api.get<RulePack>(rulePackPath(name));
    const active = status?.conditions?.find(({ type }) => type === "Active");
    if (active !== undefined && (active.observedGeneration ?? 0) >= generation) {
      terminal.write(`${conditionLines(status, colours)}\n`);
      return active.reason === "InForce" ? 0 : 1;
    }
    if (Date.now() > end) {
      terminal.warn(`firebreak: nobody worked on ${name} within ${limit} s: does Firebreak run, and does a replica lead? (firebreak doctor)\n`);
      return 1;
    }
    await new Promise((resolve) => setTimeout(resolve, lookMillis));
  }
}

function conditionLines(status: RulePack["status"], colours: Paint): string {
  const mark = { True: colours.green("✓"), False: colours.red("✗"), Unknown: colours.dim("·") } as const;
  return (status?.conditions ?? [])
    .map(({ type, status: holds, reason, message }) => `${mark[holds]} ${type.padEnd(9)} ${reason}  ${printable(message)}`)
    .join("\n");
}

function seconds(args: Arguments): number {
  const found = Number(args.text("timeout") ?? 120);
  if (!Number.isInteger(found) || found < 1 || found > 3600) throw new FirebreakError("FBR_USAGE", "--timeout is a number of seconds from 1 to 3600");
  return found;
}

function rulePackPath(name: string): string {
  return `/apis/firebreak.dev/v1alpha1/rulepacks/${name}`;
}
