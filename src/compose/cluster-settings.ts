import type { ClusterSettings } from "../cluster/settings.ts";
import type { Configuration } from "../config/configuration.ts";

/** The part of the configuration that the cluster's adapters read. */
export function clusterSettings(configuration: Configuration, identity: string): ClusterSettings {
  const { namespace, serviceAccount, clusterMode, resolverConfigurations, dnsService, ownerClusterRole, staleMillis, networkPlugin } = configuration;
  return {
    namespace,
    serviceAccount,
    identity,
    scheme: configuration.labels,
    excludedNamespaces: new Set(configuration.excludedNamespaces),
    clusterMode,
    resolverConfigurations,
    dnsService,
    ownerClusterRole,
    staleMillis,
    networkPlugin,
  };
}
