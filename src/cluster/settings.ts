import type { Mode } from "../model/mode.ts";
import type { LabelScheme } from "../model/segmentation-labels.ts";

/** What the adapters of the cluster need to know; the configuration is completed before it gets here. */
export interface ClusterSettings {
  /** The namespace that Firebreak itself runs in. */
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly identity: string;
  readonly scheme: LabelScheme;
  readonly excludedNamespaces: ReadonlySet<string>;
  /** The mode of what belongs to no namespace. */
  readonly clusterMode: Mode;
  /** ConfigMaps of the cluster resolver, as `namespace/name`. */
  readonly resolverConfigurations: readonly string[];
  readonly dnsService: { readonly namespace: string; readonly name: string };
  /** The ClusterRole of the release: webhook configurations belong to it and go with it. */
  readonly ownerClusterRole: string;
  /** Facts older than this are not trusted. */
  readonly staleMillis: number;
  readonly networkPlugin: { readonly name: string; readonly enforces: boolean } | undefined;
}

export type Log = (message: string, fields: object) => void;
