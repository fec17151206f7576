import { Admission } from "../admission/admission.ts";
import type { Arguments } from "../cli/arguments.ts";
import { checkDocuments } from "../cli/check.ts";
import { readDocuments } from "../cli/documents.ts";
import { accessFrom, type Given, GivenFacts } from "../cli/given-facts.ts";
import type { Terminal } from "../cli/terminal.ts";
import { ApiClient } from "../cluster/api-client.ts";
import { userCredentials } from "../cluster/credentials.ts";
import { networkObjects } from "../cluster/network-objects.ts";
import { ClusterSnapshot } from "../cluster/snapshot.ts";
import type { Configuration } from "../config/configuration.ts";
import { permissionsFrom } from "../exemptions/register.ts";
import { GuardrailEngine } from "../guardrails/engine.ts";
import { loadPack } from "../guardrails/pack.ts";
import { configuredUse } from "../guardrails/pack-use.ts";
import type { UserInfo } from "../model/attributes.ts";
import type { Checked } from "../model/checked.ts";
import { FirebreakError } from "../model/errors.ts";
import type { Permissions } from "../model/exemption.ts";
import type { KubernetesObject } from "../model/kubernetes.ts";
import type { Mode } from "../model/mode.ts";
import { checkJson } from "../reports/check-json.ts";
import { checkText } from "../reports/check-text.ts";
import { junit } from "../reports/junit.ts";
import { paint } from "../reports/paint.ts";
import { sarif } from "../reports/sarif.ts";
import { admissionSettings } from "./admission-settings.ts";
import { clock } from "./clock.ts";
import { packsInForce, permissionsInForce } from "./cluster-packs.ts";
import { commandConfiguration } from "./command-configuration.ts";
import { factsFromCluster, factsFromObjects } from "./command-facts.ts";
import type { Environment } from "./environment.ts";
import { FileModel } from "./file-model.ts";
import { loadPacks } from "./packs.ts";

/** `firebreak check`: 0 clean, 1 denied, 3 undetermined with --strict. */
export async function runCheck(args: Arguments, environment: Environment, terminal: Terminal): Promise<number> {
  if (args.operands.length === 0) throw new FirebreakError("FBR_USAGE", "check needs files, folders, or - for standard input; see firebreak check --help");
  const configuration = await commandConfiguration(args.text("config"));
  const documents = await readDocuments(args.operands, terminal.readStdin);
  // A path that matches nothing must not pass for a clean one.
  if (documents.length === 0) throw new FirebreakError("FBR_INPUT_INVALID", `${args.operands.join(", ")}: no Kubernetes object in it`);
  const facts = (await readDocuments(args.list("facts"), terminal.readStdin)).map(({ object }) => object);
  const here = documents.map(({ object }) => object).filter(({ kind }) => kind !== "AdmissionReview");
  const api = args.flag("cluster") ? new ApiClient(userCredentials(), () => {}) : undefined;
  const [configured, more, inForce, permissions] = await Promise.all([
    loadPacks(configuration, environment.root, args.text("profile")),
    Promise.all(args.list("pack").map((file) => loadPack(file))),
    api === undefined ? { value: [], unread: [] } : packsInForce(api, configuration),
    api === undefined ? { value: givenPermissions(facts, configuration), unread: [] } : permissionsInForce(api, configuration),
  ]);
  for (const line of [...inForce.unread, ...permissions.unread]) terminal.warn(`firebreak: ${line}\n`);
  const uses = [...[...configured, ...more].map(configuredUse), ...inForce.value];
  const feed = api === undefined ? factsFromObjects([...facts, ...here]) : await factsFromCluster(api, uses);
  const guardrails = new GuardrailEngine(uses, { ...configuration.evaluation, workers: 1, log: () => {}, feed });
  try {
    const { given, user, existing, standing } = await gather({ args, facts, here, api });
    const namespace = args.text("namespace") ?? "default";
    const model = new FileModel(
      standing.map((object) => placed(object, namespace)),
      configuration,
      { installedAt: new Date(0), complete: given.complete, mode: args.text("mode") as Mode | undefined },
    );
    const admission = admissionFor({ configuration, given, guardrails, permissions: permissions.value, model });
    const checked = await checkDocuments(documents, {
      admission,
      namespace,
      user,
      existing,
      onChecked: progress(documents.length, terminal),
    });
    terminal.write(`${shown(checked, args.text("output") ?? "text", environment.version, terminal)}\n`);
    return exitCode(checked, args.flag("strict"));
  } finally {
    await guardrails.close();
    api?.close();
  }
}

interface Sources {
  readonly args: Arguments;
  readonly facts: readonly KubernetesObject[];
  readonly here: readonly KubernetesObject[];
  readonly api: ApiClient | undefined;
}

interface Gathered {
  readonly given: Given;
  readonly user: UserInfo;
  /** Everything that says what reaches what, once what is judged is there. */
  readonly standing: readonly KubernetesObject[];
  existing(object: KubernetesObject): Promise<KubernetesObject | undefined>;
}

const nobody: UserInfo = { username: "", groups: [], extra: {} };

async function gather({ args, facts, here, api }: Sources): Promise<Gathered> {
  const named = args.text("as");
  const asked: UserInfo | undefined = named === undefined ? undefined : { username: named, groups: args.list("as-group"), extra: {} };
  const mode = args.text("mode") as Mode | undefined;
  if (api === undefined) {
    const known = new Map(facts.map((object) => [keyOf(object), object]));
    return {
      given: { objects: [...facts, ...here], complete: facts.length > 0, userKnown: asked !== undefined, access: accessFrom(facts), mode },
      user: asked ?? nobody,
      standing: overlaid(facts, here),
      existing: async (object) => known.get(keyOf(object)),
    };
  }
  const snapshot = new ClusterSnapshot(api);
  const user = asked ?? (await snapshot.self());
  const [objects, access, network] = await Promise.all([snapshot.objects(), snapshot.access(user), networkObjects(api)]);
  const stored = new Set(objects.map(keyOf));
  const coming = here.filter((object) => !stored.has(keyOf(object)));
  return {
    given: { objects: [...objects, ...facts, ...coming], complete: true, userKnown: true, access: access ?? accessFrom(facts), mode },
    user,
    standing: overlaid([...network.objects, ...facts], here),
    existing: (object) => snapshot.existing(object),
  };
}

/** Objects with others in the place of those that they replace. */
function overlaid(objects: readonly KubernetesObject[], others: readonly KubernetesObject[]): KubernetesObject[] {
  return [...new Map([...objects, ...others].map((object) => [keyOf(object), object])).values()];
}

/** An object that names no namespace stands in the one that the command names; it makes no difference to what belongs to the cluster. */
function placed(object: KubernetesObject, namespace: string): KubernetesObject {
  return { ...object, metadata: { namespace, ...object.metadata } };
}

function keyOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  return JSON.stringify([apiVersion, kind, metadata?.namespace, metadata?.name]);
}

/** Exemptions among the given facts count as they would in a cluster. */
function givenPermissions(facts: readonly KubernetesObject[], { exemptions: { keys } }: Configuration): Permissions {
  const of = <T>(kind: string) => facts.filter((object) => object.kind === kind && object.apiVersion?.startsWith("firebreak.dev/")) as T[];
  return permissionsFrom({ exemptions: of("Exemption"), approvals: of("ExemptionApproval"), breakGlasses: of("BreakGlass") }, keys);
}

interface Judging {
  readonly configuration: Configuration;
  readonly given: Given;
  readonly guardrails: GuardrailEngine;
  readonly permissions: Permissions;
  readonly model: FileModel;
}

function admissionFor({ configuration, given, guardrails, permissions, model }: Judging): Admission {
  // Without a cluster there is no installation that a namespace could be older than.
  const installedAt = new Date(0);
  return new Admission(
    { ...admissionSettings(configuration, installedAt), point: "ci" },
    {
      facts: new GivenFacts(given, configuration.labels, installedAt),
      guardrails,
      model,
      permissions: { current: () => permissions },
      defaultDeny: { ensureStored: async () => {} },
      clock,
      newId: () => "check",
    },
  );
}

/** Below this many objects nobody waits. */
const slow = 50;

function progress(total: number, terminal: Terminal): () => void {
  let done = 0;
  return () => {
    done += 1;
    if (!terminal.watched || total < slow) return;
    terminal.warn(done === total ? "\r\u001b[K" : `\rjudged ${done} of ${total}`);
  };
}

function shown(checked: readonly Checked[], format: string, version: string, terminal: Terminal): string {
  if (format === "json") return checkJson(checked, version);
  if (format === "sarif") return sarif(checked, version);
  if (format === "junit") return junit(checked);
  return checkText(checked, paint(terminal.colour));
}

function exitCode(checked: readonly Checked[], strict: boolean): number {
  const effects = new Set(checked.flatMap(({ decision }) => decision.results.map(({ effect }) => effect)));
  if (effects.has("deny")) return 1;
  return strict && effects.has("undetermined") ? 3 : 0;
}
