import type { AdmissionSettings } from "../admission/admission.ts";
import type { Configuration } from "../config/configuration.ts";
import { permissionPolicy } from "./permissions.ts";

/** What the core reads of the configuration, for commands. */
export function admissionSettings(configuration: Configuration, installedAt: Date): AdmissionSettings {
  const { labels: scheme, excludedNamespaces, clusterMode, resolverConfigurations } = configuration;
  return {
    scheme,
    excludedNamespaces: new Set(excludedNamespaces),
    installedAt,
    clusterMode,
    resolverConfigurations,
    permissionPolicy: permissionPolicy(configuration),
  };
}
