import type { KubernetesObject, NetworkPolicySpec } from "../model/kubernetes.ts";
import { withoutNulls } from "../model/kubernetes.ts";

/**
 * Defaults that an API server fills in before it asks a webhook, of the fields that rules read: a file is judged as what it
 * becomes. A field that is null is absent (`labels:` with nothing behind it). Sources: networking/v1 (policyTypes, protocol), core/v1 (Service type and protocol).
 */
export function withApiDefaults<T extends KubernetesObject>(written: T): T {
  const object = withoutNulls(written);
  if (object.apiVersion === "networking.k8s.io/v1" && object.kind === "NetworkPolicy") return { ...object, spec: networkPolicySpec(specOf(object)) };
  if (object.apiVersion === "v1" && object.kind === "Service") return { ...object, spec: serviceSpec(specOf(object)) };
  return object;
}

function specOf(object: KubernetesObject): Record<string, unknown> {
  const { spec } = object as { spec?: unknown };
  return isRecord(spec) ? spec : {};
}

/** Without policyTypes a policy isolates ingress, and egress where it has egress rules. */
function networkPolicySpec(spec: NetworkPolicySpec & Record<string, unknown>): Record<string, unknown> {
  const policyTypes = spec.policyTypes?.length ? spec.policyTypes : ["Ingress", ...(spec.egress?.length ? ["Egress"] : [])];
  return { podSelector: {}, ...spec, policyTypes, ...rulesWithProtocols(spec, "ingress"), ...rulesWithProtocols(spec, "egress") };
}

function rulesWithProtocols(spec: Record<string, unknown>, direction: "ingress" | "egress"): Record<string, unknown> {
  const rules = spec[direction];
  if (!Array.isArray(rules)) return {};
  return { [direction]: rules.map((rule) => (isRecord(rule) && Array.isArray(rule["ports"]) ? { ...rule, ports: withProtocols(rule["ports"]) } : rule)) };
}

function serviceSpec(spec: Record<string, unknown>): Record<string, unknown> {
  return { type: "ClusterIP", ...spec, ...(Array.isArray(spec["ports"]) ? { ports: withProtocols(spec["ports"]) } : {}) };
}

function withProtocols(ports: readonly unknown[]): unknown[] {
  return ports.map((port) => (isRecord(port) ? { protocol: "TCP", ...port } : port));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
