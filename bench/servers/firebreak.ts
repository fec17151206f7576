/**
 * Firebreak as it runs, but for the cluster: its server, its core, the compiled pack in worker threads, the record written. Facts
 * come from memory, as they do from warm caches. `firebreak.ts PACK-FOLDER`
 */
import { Admission } from "../../src/admission/admission.ts";
import { newId } from "../../src/compose/new-id.ts";
import { GuardrailEngine } from "../../src/guardrails/engine.ts";
import { loadPack } from "../../src/guardrails/pack.ts";
import { configuredUse } from "../../src/guardrails/pack-use.ts";
import type { Facts } from "../../src/model/facts.ts";
import { defaultLabelKeys } from "../../src/model/segmentation-labels.ts";
import { ClusterModel } from "../../src/reachability/cluster-model.ts";
import { isolation } from "../../src/reachability/policy.ts";
import { unannounced } from "../../src/reachability/reach.ts";
import { createJournal } from "../../src/reports/log.ts";
import { createMetrics } from "../../src/reports/metrics.ts";
import { buildServer } from "../../src/server/server.ts";
import { announce, loopbackCertificate } from "./listening.ts";

const facts: Facts = {
  namespace: { name: "shop", labels: { "firebreak.dev/tenant": "acme" }, terminating: false, mode: "enforce" },
  defaultDenyStored: true,
};
const model = new ClusterModel({ plan: unannounced, standing: () => ({ enforced: true, handedDown: {} }) });
model.setNamespace("shop", { "firebreak.dev/tenant": "acme", "kubernetes.io/metadata.name": "shop" });
// The peers of the measured policy are there: what is not is found, and a finding costs more than silence.
for (let team = 0; team < 50; team += 1) model.setNamespace(`team-${team}`, { "kubernetes.io/metadata.name": `team-${team}` });
model.setPolicy(isolation("shop", "firebreak-default-deny"));
const pack = await loadPack(process.argv[2] ?? "dist/packs/segmentation_baseline.tar.gz");
const { cert, key, authority } = loopbackCertificate();
const journal = createJournal({ clusterName: "bench", version: "0", replica: "bench" }, "info", false);
const metrics = createMetrics(() => []);
const app = buildServer({
  admission: new Admission(
    {
      scheme: { keys: defaultLabelKeys, sources: {}, enclaves: {} },
      excludedNamespaces: new Set(["kube-system"]),
      installedAt: new Date(0),
      clusterMode: "observe",
      resolverConfigurations: [],
    },
    {
      facts: { factsFor: async () => facts },
      model: { current: () => model },
      guardrails: new GuardrailEngine([configuredUse(pack)], { workers: 2, evaluationMillis: 1000, maxQueue: 2000, log: () => {} }),
      defaultDeny: { ensureStored: async () => {} },
      clock: { now: () => new Date(), micros: () => Math.round(performance.now() * 1000) },
      newId,
    },
  ),
  recorder: {
    record(decision) {
      metrics.record(decision);
      return journal.record(decision);
    },
  },
  newId,
  notReady: () => [],
  metrics,
  maxReviewBytes: 16 * 1024 * 1024,
  onError: journal.error,
  tls: { cert, key },
});
announce(await app.listen({ host: "127.0.0.1", port: 0 }), authority);
