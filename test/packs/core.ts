import { join } from "node:path";
import { Admission } from "../../src/admission/admission.ts";
import type { Guardrails } from "../../src/admission/ports.ts";
import { GuardrailEngine } from "../../src/guardrails/engine.ts";
import { loadPack } from "../../src/guardrails/pack.ts";
import type { Facts } from "../../src/model/facts.ts";
import { defaultLabelKeys } from "../../src/model/segmentation-labels.ts";

const root = join(import.meta.dirname, "..", "..");

/** The compiled default pack in real workers. */
export async function realGuardrails(): Promise<GuardrailEngine> {
  const pack = await loadPack(join(root, "dist", "packs", "segmentation_baseline"));
  return new GuardrailEngine([pack], { workers: 2, evaluationMillis: 2000, maxQueue: 1000, log: () => {} });
}

/** The decision core over given guardrails, with a fake for the cluster: the facts that a test names. */
export function core(guardrails: Guardrails, facts: Facts): Admission {
  return new Admission(
    { scheme: { keys: defaultLabelKeys, sources: {} }, excludedNamespaces: new Set(["kube-system"]), installedAt: new Date(0) },
    {
      facts: { factsFor: async () => facts },
      guardrails,
      defaultDeny: { ensureStored: async () => {} },
      clock: { now: () => new Date(), micros: () => Math.round(performance.now() * 1000) },
      newId: () => "01TEST",
    },
  );
}

export const enforced: Facts = { namespace: { name: "shop", labels: { "firebreak.dev/tenant": "acme" }, terminating: false, mode: "enforce" } };
