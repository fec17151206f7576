import type { KubernetesObject, Labels } from "../../model/kubernetes.ts";
import { listOf } from "../dialects/list-of.ts";
import type { PortMatch } from "../policy.ts";
import { isProtocol, onePort } from "../port-set.ts";
import type { Entry } from "./entry.ts";

export interface ServicePort {
  readonly name?: string;
  readonly protocol?: string;
  readonly port?: number;
  readonly targetPort?: number | string;
}

/** Service of core/v1. */
export interface Service extends KubernetesObject {
  readonly spec?: {
    readonly type?: string;
    readonly selector?: Labels;
    readonly ports?: readonly ServicePort[];
    readonly externalIPs?: readonly string[];
    readonly externalName?: string;
  };
}

/** The entry that a Service is by itself: of type LoadBalancer or NodePort, or with external addresses. */
export function serviceEntry(service: Service): Entry[] {
  const { metadata, spec } = service;
  const outside = spec?.type === "LoadBalancer" || spec?.type === "NodePort" || (spec?.externalIPs?.length ?? 0) > 0;
  if (!outside) return [];
  const kind = spec?.type === "LoadBalancer" || spec?.type === "NodePort" ? spec.type : "ExternalIP";
  return backedBy(service, listOf(spec?.ports)).map((behind) => ({
    kind,
    namespace: metadata?.namespace ?? "default",
    name: metadata?.name ?? "",
    through: "addresses",
    ...behind,
  }));
}

/** The pods behind some ports of a Service; none where it has no selector: its endpoints are written by hand. */
export function backedBy({ metadata, spec }: Service, ports: readonly ServicePort[]): Pick<Entry, "pods" | "ports">[] {
  const { selector } = spec ?? {};
  if (selector === undefined || Object.keys(selector).length === 0 || spec?.type === "ExternalName") return [];
  return [{ pods: { namespace: metadata?.namespace ?? "default", selector: { matchLabels: selector } }, ports: ports.map(targetOf) }];
}

function targetOf({ protocol = "TCP", port = 0, targetPort = port }: ServicePort): PortMatch {
  if (!isProtocol(protocol)) return { ports: [] };
  return typeof targetPort === "number" ? { ports: onePort(protocol, targetPort) } : { name: targetPort, protocol };
}
