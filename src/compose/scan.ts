import type { Arguments } from "../cli/arguments.ts";
import type { Terminal } from "../cli/terminal.ts";
import { ApiClient } from "../cluster/api-client.ts";
import { userCredentials } from "../cluster/credentials.ts";
import { networkObjects } from "../cluster/network-objects.ts";
import { ScanFacts } from "../cluster/scan/facts.ts";
import { Scanner } from "../cluster/scan/scanner.ts";
import { installedSince } from "../cluster/shared-state.ts";
import { GuardrailEngine } from "../guardrails/engine.ts";
import { configuredUse } from "../guardrails/pack-use.ts";
import { FirebreakError } from "../model/errors.ts";
import type { KubernetesObject, NetworkPolicy } from "../model/kubernetes.ts";
import { modeOf } from "../model/mode.ts";
import { type ScannedPlace, scanResultOf } from "../model/scan.ts";
import { reportOf } from "../reports/open-reports.ts";
import { paint } from "../reports/paint.ts";
import { scanText } from "../reports/scan-text.ts";
import { admissionSettings } from "./admission-settings.ts";
import { auditor, scannedKinds } from "./audit.ts";
import { clock } from "./clock.ts";
import { packsInForce, permissionsInForce } from "./cluster-packs.ts";
import { commandConfiguration } from "./command-configuration.ts";
import { factsFromCluster } from "./command-facts.ts";
import type { Environment } from "./environment.ts";
import { FileModel } from "./file-model.ts";
import { loadPacks } from "./packs.ts";
import { amissExemptions, permissionPolicy } from "./permissions.ts";

/** `firebreak scan`: 0 nothing fails, 1 something does, 3 something could not be judged, with --strict. */
export async function runScan(args: Arguments, environment: Environment, terminal: Terminal): Promise<number> {
  if (args.operands.length > 0) throw new FirebreakError("FBR_USAGE", "scan judges the cluster of KUBECONFIG; for files there is firebreak check");
  const configuration = await commandConfiguration(args.text("config"));
  const api = new ApiClient(userCredentials(), () => {});
  const [configured, inForce, permissions] = await Promise.all([
    loadPacks(configuration, environment.root, args.text("profile")),
    packsInForce(api, configuration),
    permissionsInForce(api, configuration),
  ]);
  const uses = [...configured.map(configuredUse), ...inForce.value];
  const guardrails = new GuardrailEngine(uses, { ...configuration.evaluation, log: () => {}, feed: await factsFromCluster(api, uses) });
  try {
    const installedAt = await installedSince(api, configuration.namespace);
    const settings = admissionSettings(configuration, installedAt);
    const facts = await readFacts(api, (object) => modeOf(settings.scheme, object.metadata ?? {}, installedAt));
    const model = new FileModel((await networkObjects(api)).objects, configuration, { installedAt, complete: true });
    const judge = auditor({ settings, facts: facts.source, guardrails, permissions: { current: () => permissions.value }, clock, model });
    const namespace = args.text("namespace");
    const scanner = new Scanner({
      api,
      kinds: () => scannedKinds(guardrails),
      judge,
      log: () => {},
      ...(namespace === undefined ? {} : { namespace }),
      onProgress: (done, { key }) => terminal.watched && terminal.warn(`\r\u001b[K${done} of ${key}`),
    });
    const { unread } = await scanner.full();
    const known = { permissions: permissions.value, guardrails, policy: permissionPolicy(configuration), namespaceExists: facts.knows, now: clock.now() };
    if (namespace === undefined) scanner.standing.keepFindings("exemptions", amissExemptions(permissions.exemptions, known));
    if (terminal.watched) terminal.warn("\r\u001b[K");
    const missing = [...inForce.unread, ...permissions.unread, ...unread.map(({ kind, why }) => `${kind}: ${why}`)];
    const places = scanner.standing.places();
    terminal.write(`${shown(places, missing, args.text("output") ?? "text", environment.version, terminal)}\n`);
    return exitCode(places, missing, args.flag("strict"));
  } finally {
    await guardrails.close();
    api.close();
  }
}

interface ReadFacts {
  readonly source: ScanFacts;
  knows(namespace: string): boolean;
}

export async function readFacts(api: ApiClient, mode: (namespace: KubernetesObject) => ReturnType<typeof modeOf>): Promise<ReadFacts> {
  const [namespaces, policies] = await Promise.all([
    api.list<KubernetesObject>("/api/v1/namespaces"),
    api.list<NetworkPolicy>("/apis/networking.k8s.io/v1/networkpolicies"),
  ]);
  const known = new Map(
    namespaces.map((namespace) => {
      const { name = "", labels = {}, deletionTimestamp } = namespace.metadata ?? {};
      return [name, { name, labels, terminating: deletionTimestamp !== undefined, mode: mode(namespace) }];
    }),
  );
  const byNamespace = Map.groupBy(policies, ({ metadata }) => metadata?.namespace ?? "");
  const source = new ScanFacts(
    (name) => known.get(name),
    (name) => byNamespace.get(name) ?? [],
  );
  return { source, knows: (name) => known.has(name) };
}

function shown(places: readonly ScannedPlace[], unread: readonly string[], format: string, version: string, terminal: Terminal): string {
  if (format === "json") return JSON.stringify({ schema: "firebreak.scan/1", version, unread, places }, null, 2);
  if (format === "openreports") {
    const items = places.flatMap((place) => reportOf(place, "openreports", new Date()) ?? []);
    return JSON.stringify({ apiVersion: "v1", kind: "List", items }, null, 2);
  }
  return scanText(places, unread, paint(terminal.colour));
}

function exitCode(places: readonly ScannedPlace[], unread: readonly string[], strict: boolean): number {
  if (places.some(({ findings }) => findings.some((finding) => scanResultOf(finding) === "fail"))) return 1;
  const undetermined = places.some(({ errors, findings }) => errors > 0 || findings.some(({ effect }) => effect === "undetermined"));
  return strict && (undetermined || unread.length > 0) ? 3 : 0;
}
