import type { KubernetesObject } from "../model/kubernetes.ts";

/** Kinds that rules judge and that belong to no namespace; in any other kind a missing namespace is the chosen one. */
const clusterScoped: ReadonlySet<string> = new Set([
  "/Namespace",
  "/Node",
  "/PersistentVolume",
  "rbac.authorization.k8s.io/ClusterRole",
  "rbac.authorization.k8s.io/ClusterRoleBinding",
  "apiextensions.k8s.io/CustomResourceDefinition",
  "admissionregistration.k8s.io/ValidatingAdmissionPolicy",
  "admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding",
  "admissionregistration.k8s.io/ValidatingWebhookConfiguration",
  "admissionregistration.k8s.io/MutatingWebhookConfiguration",
  "flowcontrol.apiserver.k8s.io/FlowSchema",
  "flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration",
  "policy.networking.k8s.io/ClusterNetworkPolicy",
  "policy.networking.k8s.io/AdminNetworkPolicy",
  "policy.networking.k8s.io/BaselineAdminNetworkPolicy",
  "cilium.io/CiliumClusterwideNetworkPolicy",
  "firebreak.dev/IsolationProfile",
  ...["crd.projectcalico.org", "projectcalico.org"].flatMap((group) =>
    ["Tier", "GlobalNetworkPolicy", "GlobalNetworkSet", "HostEndpoint", "FelixConfiguration"].map((kind) => `${group}/${kind}`),
  ),
]);

export function isClusterScoped({ apiVersion, kind }: KubernetesObject): boolean {
  const group = apiVersion?.includes("/") ? apiVersion.split("/")[0] : "";
  return clusterScoped.has(`${group}/${kind}`);
}
