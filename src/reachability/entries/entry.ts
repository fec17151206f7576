import type { LabelSelector } from "../../model/kubernetes.ts";
import type { PortMatch } from "../policy.ts";

/**
 * A way into the cluster, and the pods and container ports behind it. Policies judge the pod's own port, after the address of
 * the Service was translated: a Service port matches nothing.
 */
export interface Entry {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Whose connection the pod sees: the client's, which may be any address, or that of a proxy in the cluster. */
  readonly through: "addresses" | "proxy";
  readonly pods: { readonly namespace: string; readonly selector: LabelSelector };
  readonly ports: readonly PortMatch[];
}
