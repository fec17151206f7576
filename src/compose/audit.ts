import { Admission, type AdmissionSettings } from "../admission/admission.ts";
import type { Clock, FactSource, Guardrails, ModelSource, PermissionSource } from "../admission/ports.ts";
import type { ScannedKind } from "../cluster/scan/kinds.ts";
import type { GuardrailEngine } from "../guardrails/engine.ts";
import { auditedKinds } from "../guardrails/pack-use.ts";
import type { Attributes } from "../model/attributes.ts";
import type { Decision } from "../model/decision.ts";
import type { KubernetesObject } from "../model/kubernetes.ts";

interface AuditOptions {
  readonly settings: AdmissionSettings;
  readonly facts: FactSource;
  readonly guardrails: Guardrails;
  readonly permissions: PermissionSource;
  /** Absent where nothing is known but the object itself. */
  readonly model?: ModelSource;
  readonly clock: Clock;
}

const nobody = { username: "", groups: [], extra: {} };
const deadlineMillis = 10_000;

/** Judges what stands by the core that judges requests: the same packs, the same exemptions, asked as `AUDIT`. */
export function auditor({
  settings,
  facts,
  guardrails,
  permissions,
  clock,
  model,
}: AuditOptions): (object: KubernetesObject, kind: ScannedKind) => Promise<Decision> {
  const admission = new Admission(
    { ...settings, point: "scan" },
    { facts, guardrails, permissions, clock, ...(model === undefined ? {} : { model }), defaultDeny: { ensureStored: async () => {} }, newId: () => "scan" },
  );
  return (object, kind) => {
    const attributes = attributesOf(object, kind);
    const review = new TextEncoder().encode(JSON.stringify({ request: { ...attributes, userInfo: nobody, oldObject: null } }));
    return admission.decide({ attributes, review, deadline: Date.now() + deadlineMillis, failurePolicy: "Fail" });
  };
}

/** The kinds that some rule judges where it stands, `group/Kind`. */
export function scannedKinds({ uses }: GuardrailEngine): string[] {
  const keys = uses.flatMap((use) =>
    "pack" in use
      ? use.pack.catalogue.rules.flatMap(auditedKinds)
      : use.judges.flatMap((key) => (key.startsWith("AUDIT ") ? [key.slice("AUDIT ".length)] : [])),
  );
  return [...new Set(keys)].sort();
}

function attributesOf(object: KubernetesObject, { apiVersion, kind, resource, namespaced }: ScannedKind): Attributes {
  const { metadata = {} } = object;
  const [group, version] = apiVersion.includes("/") ? (apiVersion.split("/") as [string, string]) : ["", apiVersion];
  return {
    uid: metadata.uid ?? "",
    phase: "validating",
    operation: "AUDIT",
    kind: { group, version, kind },
    resource: { group, version, resource },
    subResource: "",
    // A Namespace is a request of itself, as an API server has it.
    namespace: kind === "Namespace" && group === "" ? (metadata.name ?? "") : namespaced ? (metadata.namespace ?? "") : "",
    name: metadata.name ?? "",
    user: nobody,
    dryRun: false,
    object,
  };
}
