import { join } from "node:path";
import { Admission, type AdmissionSettings } from "../../src/admission/admission.ts";
import type { FactSource, Guardrails, ModelSource } from "../../src/admission/ports.ts";
import { caseFacts } from "../../src/cli/pack-cases.ts";
import { GuardrailEngine } from "../../src/guardrails/engine.ts";
import { loadPack, type PackSettings } from "../../src/guardrails/pack.ts";
import { configuredUse } from "../../src/guardrails/pack-use.ts";
import type { Facts } from "../../src/model/facts.ts";
import { defaultLabelKeys } from "../../src/model/segmentation-labels.ts";
import { exampleEnclaves } from "./example.ts";

export const packFile = join(import.meta.dirname, "..", "..", "dist", "packs", "segmentation_baseline.tar.gz");

/** The compiled default pack in real workers. */
export async function realGuardrails(settings: PackSettings = {}, workers = 2): Promise<GuardrailEngine> {
  const pack = await loadPack(packFile, settings);
  return new GuardrailEngine([configuredUse(pack)], { workers, evaluationMillis: 2000, maxQueue: 1000, log: () => {} });
}

export const coreSettings: AdmissionSettings = {
  scheme: { keys: defaultLabelKeys, sources: {}, enclaves: exampleEnclaves },
  excludedNamespaces: new Set(["kube-system"]),
  installedAt: new Date(0),
  clusterMode: "enforce",
  resolverConfigurations: ["kube-system/coredns"],
};

/** The decision core over given guardrails, with a fake for the cluster: the facts that a test names. */
export function core(guardrails: Guardrails, facts: Facts | FactSource, model?: ModelSource): Admission {
  return new Admission(coreSettings, {
    facts: "factsFor" in facts ? facts : { factsFor: async () => facts },
    guardrails,
    ...(model === undefined ? {} : { model }),
    defaultDeny: { ensureStored: async () => {} },
    clock: { now: () => new Date(), micros: () => Math.round(performance.now() * 1000) },
    newId: () => "01TEST",
  });
}

export const enforced: Facts = { namespace: { name: "shop", labels: { "firebreak.dev/tenant": "acme" }, terminating: false, mode: "enforce" } };

export const factsOf = caseFacts;
