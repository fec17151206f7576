import { KubeConfig } from "@kubernetes/client-node";

/** Credentials from a kubeconfig file, or, without one, those of the pod's own ServiceAccount. */
export function credentials(kubeconfig: string | undefined): KubeConfig {
  const config = new KubeConfig();
  if (kubeconfig === undefined) config.loadFromCluster();
  else config.loadFromFile(kubeconfig);
  return config;
}

/** Credentials of whoever runs a command: as kubectl finds them (KUBECONFIG, ~/.kube/config), or the pod's own ServiceAccount. */
export function userCredentials(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromDefault();
  return config;
}
