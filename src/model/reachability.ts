/** One end of a connection: `kind` is Pod, Workload, VM, External, or that of a way in (LoadBalancer, NodePort, ExternalIP, Ingress, HTTPRoute, ...). */
export interface ReachEnd {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly cidrs: readonly string[];
}

export interface ReachPorts {
  readonly protocol: string;
  readonly from: number;
  readonly to: number;
}

/** A connection as commands print it: the public form, its keys stay. */
export interface ReachLine {
  readonly src: ReachEnd;
  readonly dst: ReachEnd;
  readonly allowed: readonly ReachPorts[];
  /** Not certain: it rests on something that nobody knows, an address or the order of two policies of one priority. */
  readonly possible?: true;
}

export type ReachVerdict = "allowed" | "denied" | "possible";

/** One step on the way to a verdict. */
export interface ExplainedStep {
  readonly tier: string;
  readonly policy?: { readonly kind: string; readonly namespace: string; readonly name: string };
  /** The rule, as it stands in its policy: `spec.ingress[0]`. */
  readonly path?: string;
  readonly verdict: "allows" | "denies" | "passes" | "does not match";
  readonly words: string;
  /** Whether this step decided. */
  readonly decides: boolean;
}

export interface ExplainedDirection {
  readonly direction: "ingress" | "egress";
  readonly verdict: ReachVerdict;
  readonly steps: readonly ExplainedStep[];
}

/** Why one end reaches another on a port, or does not: what both ends say, each by itself. */
export interface Explanation {
  readonly verdict: ReachVerdict;
  readonly egress: ExplainedDirection;
  readonly ingress: ExplainedDirection;
}

/** Labels that the API server puts on each namespace (KEP-2161): their values are nobody's to choose. */
export function withNameLabel(name: string, labels: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> {
  return { ...labels, "kubernetes.io/metadata.name": name };
}
