import { KubeConfig } from "@kubernetes/client-node";

/** Credentials from a kubeconfig file, or, without one, those of the pod's own ServiceAccount. */
export function credentials(kubeconfig: string | undefined): KubeConfig {
  const config = new KubeConfig();
  if (kubeconfig === undefined) config.loadFromCluster();
  else config.loadFromFile(kubeconfig);
  return config;
}
