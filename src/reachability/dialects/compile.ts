import type { KubernetesObject } from "../../model/kubernetes.ts";
import { withoutNulls } from "../../model/kubernetes.ts";
import type { Policy } from "../policy.ts";
import { compileAdminNetworkPolicy } from "./admin-network-policy/compile.ts";
import { compileClusterNetworkPolicy } from "./cluster-network-policy/compile.ts";
import { compileNetworkPolicy } from "./network-policy/compile.ts";

/** Kinds that are understood, `group/Kind`. Each dialect has a folder. */
const dialects: ReadonlyMap<string, (object: never) => Policy> = new Map<string, (object: never) => Policy>([
  ["networking.k8s.io/NetworkPolicy", compileNetworkPolicy],
  ["policy.networking.k8s.io/ClusterNetworkPolicy", compileClusterNetworkPolicy],
  ["policy.networking.k8s.io/AdminNetworkPolicy", compileAdminNetworkPolicy],
  ["policy.networking.k8s.io/BaselineAdminNetworkPolicy", compileAdminNetworkPolicy],
]);

/** Groups whose kinds say what may reach what in ways that are not modelled. Those of a mesh can only narrow. */
const unmodelledGroups: ReadonlyMap<string, "either way" | "only narrows"> = new Map([
  ["projectcalico.org", "either way"],
  ["crd.projectcalico.org", "either way"],
  ["cilium.io", "either way"],
  ["crd.antrea.io", "either way"],
  ["k8s.ovn.org", "either way"],
  ["k8s.cni.cncf.io", "either way"],
  ["security.istio.io", "only narrows"],
  ["policy.linkerd.io", "only narrows"],
]);

export interface ObjectKind {
  readonly group: string;
  readonly kind: string;
}

export function isModelledPolicy({ group, kind }: ObjectKind): boolean {
  return dialects.has(`${group}/${kind}`);
}

/** What an object of such a kind can do to reachability, where that is not modelled; undefined for every other kind. */
export function unmodelledEffect({ group }: ObjectKind): "either way" | "only narrows" | undefined {
  return unmodelledGroups.get(group);
}

/** A policy of any dialect that is understood; undefined for every other object. */
export function compilePolicy(kind: ObjectKind, object: KubernetesObject): Policy | undefined {
  const compile = dialects.get(`${kind.group}/${kind.kind}`) as ((object: KubernetesObject) => Policy) | undefined;
  return compile?.(withoutNulls({ ...object, kind: kind.kind }));
}
