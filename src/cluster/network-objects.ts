import type { KubernetesObject } from "../model/kubernetes.ts";
import type { ApiClient } from "./api-client.ts";
import { isForbidden, servedKinds } from "./scan/kinds.ts";

/** The kinds that say what reaches what, and for whom: `group/Kind`. Those that a cluster does not serve say nothing there. */
const networkKinds: readonly string[] = [
  "/Namespace",
  "/Pod",
  "/Service",
  "networking.k8s.io/NetworkPolicy",
  "networking.k8s.io/Ingress",
  "policy.networking.k8s.io/ClusterNetworkPolicy",
  "policy.networking.k8s.io/AdminNetworkPolicy",
  "policy.networking.k8s.io/BaselineAdminNetworkPolicy",
  "gateway.networking.k8s.io/HTTPRoute",
  "gateway.networking.k8s.io/GRPCRoute",
  "gateway.networking.k8s.io/TLSRoute",
  "gateway.networking.k8s.io/TCPRoute",
  "gateway.networking.k8s.io/UDPRoute",
  "kubevirt.io/VirtualMachine",
  "firebreak.dev/SecurityDomain",
  "firebreak.dev/FlowContract",
  "firebreak.dev/FlowContractApproval",
];

/** Everything in a cluster that says what reaches what, and the kinds that may not be read. */
export async function networkObjects(api: ApiClient): Promise<{ objects: KubernetesObject[]; unread: string[] }> {
  const objects: KubernetesObject[] = [];
  const unread: string[] = [];
  for (const { key, apiVersion, kind, path } of await servedKinds(api, networkKinds)) {
    try {
      for (const object of await api.list<KubernetesObject>(path)) objects.push({ ...object, apiVersion, kind });
    } catch (thrown) {
      if (!isForbidden(thrown)) throw thrown;
      unread.push(`${key}: not allowed to list it`);
    }
  }
  return { objects, unread };
}
