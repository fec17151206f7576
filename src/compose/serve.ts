import type { Server as HttpsServer } from "node:https";
import { hostname } from "node:os";
import { Admission } from "../admission/admission.ts";
import { ApiClient } from "../cluster/api-client.ts";
import { ClusterAssembly } from "../cluster/assembly.ts";
import { credentials } from "../cluster/credentials.ts";
import { Events } from "../cluster/events.ts";
import { JudgedResources } from "../cluster/judged-resources.ts";
import { installationInstant, secretAuthorityStore } from "../cluster/shared-state.ts";
import type { Endpoint } from "../cluster/webhook-configuration.ts";
import { WebhookKeeper } from "../cluster/webhook-keeper.ts";
import type { Configuration } from "../config/configuration.ts";
import { messageOf } from "../model/errors.ts";
import { createJournal } from "../reports/log.ts";
import { createMetrics } from "../reports/metrics.ts";
import { buildMetricsServer, buildServer } from "../server/server.ts";
import { AuthoritySource } from "../tls/authority-source.ts";
import { FileSource } from "../tls/file-source.ts";
import { BoundaryAssembly } from "./boundaries.ts";
import { clock } from "./clock.ts";
import { clusterSettings } from "./cluster-settings.ts";
import type { Environment } from "./environment.ts";
import { newId } from "./new-id.ts";
import { loadPacks } from "./packs.ts";
import { permissionPolicy } from "./permissions.ts";
import { RulePackAssembly } from "./rule-pack-assembly.ts";
import { ScanAssembly } from "./scan-assembly.ts";

/** A running Firebreak. */
export interface Firebreak {
  /** Address of the webhook server, `https://host:port`. */
  readonly address: string;
  stop(): Promise<void>;
}

/** How long requests that are on their way get once a replica has stopped listening. */
const lastRequestMillis = 5000;

/** Builds every part, wires them, and starts them in an order in which nothing waits for what comes later. */
export async function startFirebreak(configuration: Configuration, environment: Environment): Promise<Firebreak> {
  const identity = `${hostname()}-${process.pid}`;
  const origin = { clusterName: configuration.clusterName, version: environment.version, replica: identity };
  const journal = createJournal(origin, configuration.log.level, environment.terminal);
  const { log } = journal;
  const metrics = createMetrics(() => [...cluster.caches, ...rulePacks.caches, ...boundaries.model.caches]);
  const alarm = (kind: string, message: string, fields: object) => {
    metrics.countAlarm(kind);
    journal.error(message, { alarm: kind, ...fields });
  };
  const packs = await loadPacks(configuration, environment.root);
  for (const { catalogue, digest } of packs) {
    const { name, version } = catalogue.manifest;
    log("pack loaded", { pack: name, version, digest, opa: catalogue.opa, rules: catalogue.rules.length });
  }
  const settings = clusterSettings(configuration, identity);
  const api = new ApiClient(credentials(environment.kubeconfig), (message, lasting) => {
    const said = "the API server forbids a call of Firebreak";
    if (lasting) alarm("forbidden", said, { forbidden: message });
    else log(said, { forbidden: message });
  });
  const installedAt = await installationInstant(api, configuration.namespace, clock.now());

  const endpoint = endpointOf(configuration);
  const caBundle = () => certificates.current().caBundle;
  const judged = new JudgedResources(api, () => rulePacks.judgedKeys(), log);
  const onRepair = (kind: string) => alarm("webhooks", "webhooks repaired", { kind });
  const keeper = new WebhookKeeper({ api, settings, endpoint, caBundle, log, onRepair, judged: () => judged.current() });
  const certificates = certificateSource(configuration, endpoint, api, keeper);
  await certificates.refresh();

  const cluster = new ClusterAssembly({ api, settings, installedAt, keeper, log, alarm, onLeading: (leading) => lead(leading) });
  const events = new Events(api, settings, log);
  const boundaries = new BoundaryAssembly({ configuration, api, installedAt, events, isLeader: () => cluster.leading, log, alarm });
  const rulePacks = new RulePackAssembly({
    boundaries,
    configuration,
    environment,
    api,
    packs,
    isLeader: () => cluster.leading,
    log,
    alarm,
    events,
    onMended: ({ name }) => {
      log("what passed while the glass was broken is scanned", { breakGlass: name });
      scan.scanSoon();
    },
    onChange: () => {
      scan.scanSoon();
      void cluster.registration.ensure();
    },
  });
  const lead = (leading: boolean) => {
    metrics.setLeader(leading);
    scan.lead(leading);
    if (!leading) return;
    rulePacks.rulePacks.lookAtEverything();
    void rulePacks.permissions.writeStatus(new Date());
  };
  const { guardrails, ownKinds, permissions } = rulePacks;
  const admissionSettings = { ...settings, installedAt, permissionPolicy: permissionPolicy(configuration) };
  const scan = new ScanAssembly({
    configuration,
    settings: admissionSettings,
    api,
    guardrails,
    permissions,
    model: boundaries.model,
    namespace: (name) => cluster.namespace(name),
    clock,
    events,
    log,
    onScanned: (places) => metrics.setScanned(places),
  });
  const admission = new Admission(admissionSettings, {
    facts: cluster.facts,
    guardrails,
    defaultDeny: cluster.store,
    clock,
    newId,
    ownKinds,
    permissions,
    model: boundaries.model,
  });

  let stopping = false;
  const notReady = () => [
    ...(stopping ? ["shutting down"] : []),
    ...[...cluster.caches, ...rulePacks.caches, ...boundaries.model.caches]
      .filter((cache) => cache.ageMillis() > settings.staleMillis)
      .map((cache) => `${cache.name} is stale`),
  ];
  const { certificate, key } = certificates.current();
  const app = buildServer({
    admission,
    recorder: {
      record(decision) {
        metrics.record(decision);
        rulePacks.record(decision);
        boundaries.record(decision);
        return journal.record(decision);
      },
    },
    newId,
    notReady,
    metrics,
    maxReviewBytes: configuration.maxReviewBytes,
    onError: journal.error,
    tls: { cert: certificate, key },
  });
  const metricsApp = buildMetricsServer({ metrics, notReady });
  await Promise.all([cluster.start(), rulePacks.start(), boundaries.model.start()]);
  const address = await app.listen({ ...configuration.listen });
  await metricsApp.listen({ ...configuration.metrics });
  await cluster.lead();

  async function renew(): Promise<void> {
    try {
      if (!(await certificates.refresh())) return;
      const { certificate: cert, key: renewedKey } = certificates.current();
      (app.server as unknown as HttpsServer).setSecureContext({ cert, key: renewedKey, minVersion: "TLSv1.3" });
      log("serving certificate or CA bundle changed", {});
      await cluster.registration.ensure();
    } catch (thrown) {
      alarm("certificate", "the serving certificate was not renewed", { error: messageOf(thrown) });
    }
  }
  const timers = [
    setInterval(() => void cluster.registration.ensure(), configuration.repairMillis),
    setInterval(() => void cluster.landmarks.refresh(), configuration.landmarkMillis),
    setInterval(() => void renew(), configuration.tls.refreshMillis),
    setInterval(() => cluster.lookAtEverything(), configuration.landmarkMillis),
    setInterval(() => rulePacks.rulePacks.lookAtEverything(), configuration.landmarkMillis),
    setInterval(() => void rulePacks.writeEvidence(), configuration.rulePacks.evidenceMillis),
    setInterval(() => void permissions.writeStatus(new Date()), configuration.rulePacks.evidenceMillis),
    setInterval(() => void boundaries.writeStatus(new Date()), configuration.rulePacks.evidenceMillis),
  ];
  log("firebreak is ready", { address, version: environment.version, installedAt: installedAt.toISOString() });
  return {
    address,
    async stop() {
      stopping = true;
      log("shutting down", { drainMillis: configuration.drainMillis });
      for (const timer of timers) clearInterval(timer);
      await cluster.stepDown();
      // Endpoints take a while to forget this replica: until then it goes on answering.
      await new Promise((resolve) => setTimeout(resolve, configuration.drainMillis));
      // A connection that never sends a request is not idle to Node: it must not keep a replica from ending.
      const impatience = setTimeout(() => [app, metricsApp].forEach(({ server }) => void server.closeAllConnections()), lastRequestMillis);
      await Promise.all([app.close(), metricsApp.close()]);
      clearTimeout(impatience);
      cluster.stop();
      scan.stop();
      boundaries.model.stop();
      await rulePacks.writeEvidence();
      await rulePacks.stop();
      api.close();
      journal.flush();
    },
  };
}

function endpointOf({ endpoint, namespace }: Configuration): Endpoint {
  return "url" in endpoint ? { url: endpoint.url.replace(/\/$/, "") } : { service: { namespace, ...endpoint.service } };
}

function certificateSource(configuration: Configuration, endpoint: Endpoint, api: ApiClient, keeper: WebhookKeeper): AuthoritySource | FileSource {
  const { tls } = configuration;
  if (tls.source === "files") return new FileSource(tls.folder);
  return new AuthoritySource(secretAuthorityStore(api, configuration.namespace), {
    names: servingNames(endpoint),
    authorityMillis: tls.authorityMillis,
    leafMillis: tls.leafMillis,
    publishMillis: tls.publishMillis,
    now: () => new Date(),
    isPublished: (caBundle) => keeper.isPublished(caBundle),
  });
}

/** The names under which an API server calls: the Service's, in every form, or the host of the URL. */
function servingNames(endpoint: Endpoint): string[] {
  if ("url" in endpoint) return [new URL(endpoint.url).hostname.replace(/^\[|\]$/g, "")];
  const { name, namespace } = endpoint.service;
  return [`${name}.${namespace}.svc`, `${name}.${namespace}.svc.cluster.local`, `${name}.${namespace}`];
}
