import type { Direction } from "../../../model/facts.ts";
import type { KubernetesObject } from "../../../model/kubernetes.ts";
import { type Action, type Policy, type PortMatch, type Rule, tiers } from "../../policy.ts";
import { isProtocol, portsOf } from "../../port-set.ts";
import { type ClusterPeer, closedRule, peerOf, type Subject, subjectOf } from "../cluster-network-policy/compile.ts";
import { listOf } from "../list-of.ts";

interface AdminPort {
  readonly portNumber?: { readonly protocol?: string; readonly port?: number };
  readonly portRange?: { readonly protocol?: string; readonly start?: number; readonly end?: number };
  readonly namedPort?: string;
}

interface AdminRule {
  readonly action?: string;
  readonly from?: readonly ClusterPeer[];
  readonly to?: readonly ClusterPeer[];
  readonly ports?: readonly AdminPort[];
}

/** AdminNetworkPolicy, or BaselineAdminNetworkPolicy, which has no priority. */
export interface AdminNetworkPolicy extends KubernetesObject {
  readonly spec?: {
    readonly priority?: number;
    readonly subject?: Subject;
    readonly ingress?: readonly AdminRule[];
    readonly egress?: readonly AdminRule[];
  };
}

const actions: Readonly<Record<string, Action>> = { Allow: "allow", Deny: "deny", Pass: "pass" };

/** Both kinds of policy.networking.k8s.io/v1alpha1. Source: sigs.k8s.io/network-policy-api v0.1.7, apis/v1alpha1. */
export function compileAdminNetworkPolicy({ kind, metadata, spec }: AdminNetworkPolicy): Policy {
  const baseline = kind === "BaselineAdminNetworkPolicy";
  return {
    reference: { kind: kind ?? "AdminNetworkPolicy", namespace: "", name: metadata?.name ?? "" },
    tier: baseline ? tiers.baseline : tiers.admin,
    priority: baseline ? 0 : (spec?.priority ?? 0),
    subject: subjectOf(spec?.subject),
    ...(listOf(spec?.ingress).length > 0 ? { ingress: rulesOf(spec?.ingress, "ingress") } : {}),
    ...(listOf(spec?.egress).length > 0 ? { egress: rulesOf(spec?.egress, "egress") } : {}),
  };
}

function rulesOf(rules: readonly AdminRule[] | undefined, direction: Direction): Rule[] {
  return listOf(rules).map((rule, index) => {
    const peers = listOf(direction === "ingress" ? rule.from : rule.to).map(peerOf);
    const ports = listOf(rule.ports);
    return closedRule(actions[rule.action ?? ""], peers, ports.length === 0 ? undefined : ports.flatMap(portOf), `spec.${direction}[${index}]`);
  });
}

function portOf({ portNumber, portRange, namedPort }: AdminPort): PortMatch[] {
  if (typeof namedPort === "string") return [{ name: namedPort, protocol: undefined }];
  const { protocol = "TCP" } = portNumber ?? portRange ?? {};
  if (!isProtocol(protocol)) return [];
  if (portNumber !== undefined) return [{ ports: portsOf(protocol, portNumber.port ?? 0, portNumber.port ?? 0) }];
  return portRange === undefined ? [] : [{ ports: portsOf(protocol, portRange.start ?? 1, portRange.end) }];
}
