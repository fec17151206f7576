import type { KubernetesObject } from "../../model/kubernetes.ts";
import { listOf } from "../dialects/list-of.ts";
import type { Entry } from "./entry.ts";
import { backedBy, type Service, type ServicePort } from "./service.ts";

interface IngressBackend {
  readonly service?: { readonly name?: string; readonly port?: { readonly number?: number; readonly name?: string } };
}

/** Ingress of networking.k8s.io/v1. */
interface Ingress extends KubernetesObject {
  readonly spec?: {
    readonly defaultBackend?: IngressBackend;
    readonly rules?: readonly { readonly http?: { readonly paths?: readonly { readonly backend?: IngressBackend }[] } }[];
  };
}

interface BackendReference {
  readonly group?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly port?: number;
}

/** HTTPRoute, GRPCRoute, TLSRoute, TCPRoute and UDPRoute of gateway.networking.k8s.io. */
interface Route extends KubernetesObject {
  readonly spec?: { readonly rules?: readonly { readonly backendRefs?: readonly BackendReference[] }[] };
}

const routeKinds: ReadonlySet<string> = new Set(["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"]);

/** Finds a Service by namespace and name. */
export type FindService = (namespace: string, name: string) => Service | undefined;

export function isRoute({ group, kind }: { readonly group: string; readonly kind: string }): boolean {
  return (group === "networking.k8s.io" && kind === "Ingress") || (group === "gateway.networking.k8s.io" && routeKinds.has(kind));
}

/** The ways in that an Ingress or a Gateway route is. A proxy in the cluster makes the connection that pods see. */
export function routeEntries(object: KubernetesObject, find: FindService): Entry[] {
  const namespace = object.metadata?.namespace ?? "default";
  const backends = object.kind === "Ingress" ? ingressBackends(object, namespace) : routeBackends(object, namespace);
  return backends.flatMap(({ service, port }) => {
    const found = find(service.namespace, service.name);
    if (found === undefined) return [];
    const ports = listOf(found.spec?.ports).filter((own) => port === undefined || own.port === port || own.name === port);
    return backedBy(found, ports).map((behind) => ({
      kind: object.kind ?? "",
      namespace,
      name: object.metadata?.name ?? "",
      through: "proxy" as const,
      ...behind,
    }));
  });
}

/** The Services that an Ingress or a route sends to, whether there are any such or not. */
export function backendServices(object: KubernetesObject): { readonly namespace: string; readonly name: string }[] {
  const namespace = object.metadata?.namespace ?? "default";
  return (object.kind === "Ingress" ? ingressBackends(object, namespace) : routeBackends(object, namespace)).map(({ service }) => service);
}

interface Backend {
  readonly service: { readonly namespace: string; readonly name: string };
  readonly port: ServicePort["port"] | string;
}

function ingressBackends({ spec }: Ingress, namespace: string): Backend[] {
  const paths = listOf(spec?.rules).flatMap(({ http }) => listOf(http?.paths).map(({ backend }) => backend));
  return [spec?.defaultBackend, ...paths].flatMap((backend) => {
    const { name, port } = backend?.service ?? {};
    return name === undefined ? [] : [{ service: { namespace, name }, port: port?.number ?? port?.name }];
  });
}

function routeBackends({ spec }: Route, namespace: string): Backend[] {
  return listOf(spec?.rules).flatMap(({ backendRefs }) =>
    listOf(backendRefs).flatMap(({ group = "", kind = "Service", name, namespace: other, port }): Backend[] =>
      group === "" && kind === "Service" && name !== undefined ? [{ service: { namespace: other ?? namespace, name }, port }] : [],
    ),
  );
}
