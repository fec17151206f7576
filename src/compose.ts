import { hostname } from "node:os";
import type { Server as HttpsServer } from "node:https";
import { KubeConfig } from "@kubernetes/client-node";
import { ulid } from "ulid";
import { Admission } from "./admission/admission.ts";
import type { Clock } from "./admission/ports.ts";
import { ApiClient } from "./cluster/api-client.ts";
import { IsolationController } from "./cluster/controller.ts";
import { DefaultDenyStore } from "./cluster/default-deny-store.ts";
import { ClusterFacts } from "./cluster/facts.ts";
import { Landmarks } from "./cluster/landmarks.ts";
import { Leader } from "./cluster/leader.ts";
import { Namespaces } from "./cluster/namespaces.ts";
import { Reflector } from "./cluster/reflector.ts";
import type { ClusterSettings } from "./cluster/settings.ts";
import { installationInstant, secretAuthorityStore, sharedNames } from "./cluster/shared-state.ts";
import type { Endpoint } from "./cluster/webhook-configuration.ts";
import { WebhookKeeper } from "./cluster/webhook-keeper.ts";
import type { Configuration } from "./config/configuration.ts";
import { GuardrailEngine } from "./guardrails/engine.ts";
import { loadPack } from "./guardrails/pack.ts";
import { messageOf } from "./model/errors.ts";
import type { IsolationProfile, } from "./model/isolation-profile.ts";
import type { KubernetesObject } from "./model/kubernetes.ts";
import { createJournal } from "./reports/log.ts";
import { createMetrics } from "./reports/metrics.ts";
import { buildMetricsServer, buildServer } from "./server/server.ts";
import { AuthoritySource } from "./tls/authority-source.ts";
import { FileSource } from "./tls/file-source.ts";

export interface Environment {
  /** A kubeconfig file; absent inside a cluster. */
  readonly kubeconfig: string | undefined;
  readonly terminal: boolean;
  readonly version: string;
}

/** A running Firebreak. */
export interface Firebreak {
  /** Address of the webhook server, `https://host:port`. */
  readonly address: string;
  stop(): Promise<void>;
}

const clock: Clock = { now: () => new Date(), micros: () => Math.round(performance.now() * 1000) };

/** Builds every part, wires them, and starts them in an order in which nothing waits for what comes later. */
export async function startFirebreak(configuration: Configuration, environment: Environment): Promise<Firebreak> {
  const identity = `${hostname()}-${process.pid}`;
  const journal = createJournal({ clusterName: configuration.clusterName, version: environment.version, replica: identity }, configuration.log.level, environment.terminal);
  const { log } = journal;
  const packs = await Promise.all(configuration.packs.map(({ path, parameters }) => loadPack(path, parameters)));
  for (const { catalogue, digest } of packs) log("pack loaded", { pack: catalogue.manifest.name, version: catalogue.manifest.version, digest, rules: catalogue.rules.length });

  const settings: ClusterSettings = {
    namespace: configuration.namespace,
    serviceAccount: configuration.serviceAccount,
    identity,
    scheme: configuration.labels,
    excludedNamespaces: new Set(configuration.excludedNamespaces),
    dnsService: configuration.dnsService,
    ownerClusterRole: configuration.ownerClusterRole,
    staleMillis: configuration.staleMillis,
    networkPlugin: configuration.networkPlugin,
  };
  const alarm = (kind: string, message: string, fields: object) => {
    metrics.countAlarm(kind);
    journal.error(message, { alarm: kind, ...fields });
  };
  const api = new ApiClient(kubeConfig(environment.kubeconfig), (message) => alarm("forbidden", "the API server forbids a call of Firebreak", { message }));
  const installedAt = await installationInstant(api, configuration.namespace, clock.now());

  const namespaces = new Namespaces({ api, scheme: settings.scheme, installedAt, staleMillis: settings.staleMillis, onChange: (name) => controller.enqueue(name), log });
  const profiles = new Reflector<IsolationProfile>({
    api,
    name: "isolation-profiles",
    path: "/apis/firebreak.dev/v1alpha1/isolationprofiles",
    project: ({ metadata, ...rest }: KubernetesObject & { spec?: unknown }) => ({ metadata: { name: metadata?.name ?? "", generation: metadata?.generation ?? 0 }, ...(rest.spec ? { spec: rest.spec as NonNullable<IsolationProfile["spec"]> } : {}) }),
    onChange: () => controller.enqueueAll(),
    log,
  });
  const landmarks = new Landmarks(api, settings, () => controller.enqueueAll(), log);
  const store = new DefaultDenyStore({
    api,
    namespaces,
    profiles: () => profiles.values(),
    landmarks: () => landmarks.current(),
    staleMillis: settings.staleMillis,
    onChange: (namespace) => controller.enqueue(namespace),
    log,
  });
  const controller: IsolationController = new IsolationController({ api, settings, namespaces, store, profiles: () => profiles.values(), isLeader: () => leader.leading, log });
  const modeSwitch = new Reflector<string>({
    api,
    name: "mode-switch",
    path: `/api/v1/namespaces/${configuration.namespace}/configmaps`,
    query: { fieldSelector: `metadata.name=${sharedNames.mode}` },
    project: (object) => (object as { data?: Record<string, string> }).data?.["mode"] ?? "",
    onChange: () => void registration(),
    log,
  });
  const caches = [namespaces.reflector, store.denies, store.openings, modeSwitch];
  const metrics = createMetrics([...caches, profiles]);

  const endpoint: Endpoint = "url" in configuration.endpoint ? { url: configuration.endpoint.url.replace(/\/$/, "") } : { service: { namespace: configuration.namespace, ...configuration.endpoint.service } };
  const keeper = new WebhookKeeper({
    api,
    settings,
    endpoint,
    caBundle: () => certificates.current().caBundle,
    log: (message, fields) => (message === "webhooks repaired" ? alarm("webhooks", message, fields) : log(message, fields)),
  });
  const certificates = certificateSource(configuration, endpoint, api, keeper);
  await certificates.refresh();

  let off: boolean | undefined;
  let registering: Promise<void> | undefined;
  /** Registers, repairs or, in `mode: Off`, takes away the webhooks. One run at a time. */
  function registration(): Promise<void> {
    registering ??= (async () => {
      const wasOff = off;
      off = modeSwitch.get(`${configuration.namespace}/${sharedNames.mode}`) === "Off";
      if (off !== wasOff) log(off ? "mode is Off: webhooks are taken away and stay away" : "mode is On", { mode: off ? "Off" : "On" });
      if (!leader.leading || !(await ready())) return;
      await (off ? keeper.remove() : keeper.ensure());
    })()
      .catch((thrown: unknown) => log("the webhooks were not put right", { error: messageOf(thrown) }))
      .finally(() => {
        registering = undefined;
      });
    return registering;
  }

  const leader: Leader = new Leader({
    api,
    namespace: configuration.namespace,
    name: "firebreak",
    identity,
    log,
    onChange: (leading) => {
      metrics.setLeader(leading);
      log(leading ? "leading" : "not leading", { identity });
      if (!leading) return;
      void registration();
      controller.enqueueAll();
    },
  });

  const guardrails = new GuardrailEngine(packs, { ...configuration.evaluation, log });
  const admission = new Admission(
    { scheme: settings.scheme, excludedNamespaces: settings.excludedNamespaces, installedAt },
    { facts: new ClusterFacts(api, settings, namespaces, store), guardrails, defaultDeny: store, clock, newId: () => ulid() },
  );

  let stopping = false;
  const notReady = () => [
    ...(stopping ? ["shutting down"] : []),
    ...caches.filter((cache) => cache.ageMillis() > settings.staleMillis).map((cache) => `${cache.name} is stale`),
  ];
  const serving = certificates.current();
  const app = buildServer({
    admission,
    recorder: { record: (decision) => [journal, metrics].forEach((view) => void view.record(decision)) },
    newId: () => ulid(),
    notReady,
    metrics,
    maxReviewBytes: configuration.maxReviewBytes,
    onError: journal.error,
    tls: { cert: serving.certificate, key: serving.key },
  });
  const metricsApp = buildMetricsServer({ metrics, notReady });

  let listening = false;
  const ready = async () => listening;
  for (const reflector of [...caches, profiles]) reflector.start();
  await Promise.all([...caches.map(({ synced }) => synced), landmarks.refresh()]);
  const address = await app.listen({ ...configuration.listen });
  await metricsApp.listen({ ...configuration.metrics });
  listening = true;
  await leader.start();

  const timers = [
    setInterval(() => void registration(), configuration.repairMillis),
    setInterval(() => void landmarks.refresh(), configuration.landmarkMillis),
    setInterval(() => void renew(), configuration.tls.refreshMillis),
    setInterval(() => controller.enqueueAll(), 60_000),
  ];
  async function renew(): Promise<void> {
    try {
      if (!(await certificates.refresh())) return;
      const { certificate, key } = certificates.current();
      (app.server as unknown as HttpsServer).setSecureContext({ cert: certificate, key, minVersion: "TLSv1.3" });
      log("serving certificate or CA bundle changed", {});
      await registration();
    } catch (thrown) {
      alarm("certificate", "the serving certificate was not renewed", { error: messageOf(thrown) });
    }
  }

  log("firebreak is ready", { address, version: environment.version, installedAt: installedAt.toISOString() });
  return {
    address,
    async stop() {
      stopping = true;
      log("shutting down", { drainMillis: configuration.drainMillis });
      for (const timer of timers) clearInterval(timer);
      await leader.stop();
      await new Promise((resolve) => setTimeout(resolve, configuration.drainMillis));
      await Promise.all([app.close(), metricsApp.close()]);
      for (const reflector of [...caches, profiles]) reflector.stop();
      await guardrails.close();
      api.close();
      journal.flush();
    },
  };
}

function kubeConfig(file: string | undefined): KubeConfig {
  const config = new KubeConfig();
  if (file === undefined) config.loadFromCluster();
  else config.loadFromFile(file);
  return config;
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
