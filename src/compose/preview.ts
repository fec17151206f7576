import type { FactSource } from "../admission/ports.ts";
import type { Arguments } from "../cli/arguments.ts";
import { readDocuments } from "../cli/documents.ts";
import { GivenFacts } from "../cli/given-facts.ts";
import { isClusterScoped } from "../cli/scopes.ts";
import type { Terminal } from "../cli/terminal.ts";
import { ApiClient } from "../cluster/api-client.ts";
import { userCredentials } from "../cluster/credentials.ts";
import { networkObjects } from "../cluster/network-objects.ts";
import type { ScannedKind } from "../cluster/scan/kinds.ts";
import { Scanner } from "../cluster/scan/scanner.ts";
import { Standing } from "../cluster/scan/standing.ts";
import { installedSince } from "../cluster/shared-state.ts";
import type { Configuration } from "../config/configuration.ts";
import type { Files } from "../guardrails/bundle/tar.ts";
import { GuardrailEngine } from "../guardrails/engine.ts";
import { packFrom } from "../guardrails/pack.ts";
import type { PackUse } from "../guardrails/pack-use.ts";
import { FirebreakError } from "../model/errors.ts";
import { noPermissions, type Permissions } from "../model/exemption.ts";
import type { KubernetesObject } from "../model/kubernetes.ts";
import { modeOf } from "../model/mode.ts";
import { previewOf } from "../model/preview.ts";
import type { ScannedPlace } from "../model/scan.ts";
import { paint } from "../reports/paint.ts";
import { previewText } from "../reports/preview-text.ts";
import { admissionSettings } from "./admission-settings.ts";
import { auditor, scannedKinds } from "./audit.ts";
import { clock } from "./clock.ts";
import { packsInForce, permissionsInForce } from "./cluster-packs.ts";
import { commandConfiguration } from "./command-configuration.ts";
import { factsFromCluster, factsFromObjects } from "./command-facts.ts";
import type { Environment } from "./environment.ts";
import { FileModel } from "./file-model.ts";
import { filesOf } from "./pack.ts";
import { loadPacks } from "./packs.ts";
import { readFacts } from "./scan.ts";

const everywhere = [{ name: "preview", admission: "enforce", scan: "enforce", ci: "enforce" }] as const;

/** `firebreak pack preview PACK --cluster | DIR...`: 1 where something would newly be denied. */
export async function runPackPreview(args: Arguments, environment: Environment, terminal: Terminal): Promise<number> {
  const [path, ...manifests] = args.operands;
  if (path === undefined || args.flag("cluster") === manifests.length > 0)
    throw new FirebreakError("FBR_USAGE", "pack preview needs a pack, and either --cluster or folders of manifests; see firebreak pack preview --help");
  const configuration = await commandConfiguration(args.text("config"));
  const next = await useOf(await filesOf(path, args, environment));
  const against = args.text("against");
  const old = against === undefined ? undefined : await useOf(await filesOf(against, args, environment));
  const [before, after] = args.flag("cluster")
    ? await overCluster(next, old, configuration, environment, terminal)
    : await overDocuments(manifests, next, old, configuration, environment, terminal);
  const rows = previewOf(before, after);
  const { name, version } = next.pack.catalogue.manifest;
  const text =
    args.text("output") === "json"
      ? JSON.stringify({ schema: "firebreak.packPreview/1", pack: name, version, rows }, null, 2)
      : previewText(rows, `${name} ${version}`, paint(terminal.colour));
  terminal.write(`${text}\n`);
  return rows.some(({ change }) => change === "newly denied") ? 1 : 0;
}

async function useOf(files: Files): Promise<PackUse> {
  const pack = await packFrom(files);
  return { name: pack.catalogue.manifest.name, pack, tier: "Standard", priority: 0, bindings: everywhere };
}

type Sides = readonly [before: ScannedPlace[], after: ScannedPlace[]];

/** With the settings that the pack has in the cluster, if it is there; judged as if it were enforced. */
async function overCluster(
  next: PackUse,
  against: PackUse | undefined,
  configuration: Configuration,
  environment: Environment,
  terminal: Terminal,
): Promise<Sides> {
  const api = new ApiClient(userCredentials(), () => {});
  try {
    const [inForce, permissions] = await Promise.all([packsInForce(api, configuration), permissionsInForce(api, configuration)]);
    for (const line of [...inForce.unread, ...permissions.unread]) terminal.warn(`firebreak: ${line}\n`);
    const standing = inForce.value.find(({ pack }) => pack.catalogue.manifest.name === next.pack.catalogue.manifest.name);
    const old = against ?? standing ?? (await configuredOne(configuration, environment, next));
    const installedAt = await installedSince(api, configuration.namespace);
    const facts = await readFacts(api, ({ metadata = {} }) => modeOf(configuration.labels, metadata, installedAt));
    const model = new FileModel((await networkObjects(api)).objects, configuration, { installedAt, complete: true });
    const judged = { configuration, facts: facts.source, installedAt, permissions: permissions.value, model };
    const side = async (use: PackUse | undefined) => {
      if (use === undefined) return [];
      return withEngine(use, await factsFromCluster(api, [use]), judged, async (judge, engine) => {
        const scanner = new Scanner({
          api,
          judge,
          kinds: () => scannedKinds(engine),
          log: (message, fields) => terminal.warn(`firebreak: ${message} ${JSON.stringify(fields)}\n`),
        });
        await scanner.full();
        return scanner.standing.places();
      });
    };
    return [await side(old && { ...old, bindings: everywhere }), await side(next)];
  } finally {
    api.close();
  }
}

async function overDocuments(
  paths: readonly string[],
  next: PackUse,
  against: PackUse | undefined,
  configuration: Configuration,
  environment: Environment,
  terminal: Terminal,
): Promise<Sides> {
  const objects = (await readDocuments(paths, terminal.readStdin)).map(({ object }) => object);
  const installedAt = new Date(0);
  const facts = new GivenFacts({ objects, complete: false, userKnown: false }, configuration.labels, installedAt);
  const old = against ?? (await configuredOne(configuration, environment, next));
  const model = new FileModel(objects, configuration, { installedAt, complete: false });
  const judged = { configuration, facts, installedAt, permissions: noPermissions, model };
  const side = async (use: PackUse | undefined) => {
    if (use === undefined) return [];
    return withEngine(use, factsFromObjects(objects), judged, async (judge) => {
      const standing = new Standing();
      for (const [index, object] of objects.entries()) standing.keep(String(index), object, await judge(object, kindOf(object)));
      return standing.places();
    });
  };
  return [await side(old), await side(next)];
}

/** A pack of the configuration with the same name is what would be replaced. */
async function configuredOne(configuration: Configuration, environment: Environment, { pack }: PackUse): Promise<PackUse | undefined> {
  const configured = await loadPacks(configuration, environment.root);
  const same = configured.find(({ catalogue }) => catalogue.manifest.name === pack.catalogue.manifest.name);
  return same && { name: same.catalogue.manifest.name, pack: same, tier: "Standard", priority: 0, bindings: everywhere };
}

/** What both sides are judged by. */
interface Judged {
  readonly configuration: Configuration;
  readonly facts: FactSource;
  readonly installedAt: Date;
  readonly permissions: Permissions;
  readonly model: FileModel;
}

async function withEngine<T>(
  use: PackUse,
  feed: ReturnType<typeof factsFromObjects>,
  { configuration, facts, installedAt, permissions, model }: Judged,
  task: (judge: ReturnType<typeof auditor>, engine: GuardrailEngine) => Promise<T>,
): Promise<T> {
  const engine = new GuardrailEngine([use], { ...configuration.evaluation, log: () => {}, feed });
  const settings = admissionSettings(configuration, installedAt);
  try {
    return await task(auditor({ settings, facts, guardrails: engine, permissions: { current: () => permissions }, clock, model }), engine);
  } finally {
    await engine.close();
  }
}

function kindOf(object: KubernetesObject): ScannedKind {
  const { apiVersion = "v1", kind = "" } = object;
  const group = apiVersion.includes("/") ? apiVersion.split("/")[0] : "";
  return { key: `${group}/${kind}`, apiVersion, kind, resource: `${kind.toLowerCase()}s`, namespaced: !isClusterScoped(object), path: "" };
}
