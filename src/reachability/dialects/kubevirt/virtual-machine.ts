import type { KubernetesObject, ObjectMeta } from "../../../model/kubernetes.ts";
import type { NamedPort } from "../../endpoint.ts";
import { isProtocol } from "../../port-set.ts";
import { listOf } from "../list-of.ts";

interface Interface {
  readonly ports?: readonly { readonly name?: string; readonly protocol?: string; readonly port?: number }[];
}

interface VirtualMachineSpec {
  readonly domain?: { readonly devices?: { readonly interfaces?: readonly Interface[] } };
}

/** VirtualMachine and VirtualMachineInstance of kubevirt.io/v1, as far as policies see them. */
export interface VirtualMachine extends KubernetesObject {
  readonly spec?: VirtualMachineSpec & { readonly template?: { readonly metadata?: ObjectMeta; readonly spec?: VirtualMachineSpec } };
}

/** The pod that runs a machine: labels of the template (a machine's own are not used) and the ports of its interfaces. */
export interface MachinePod {
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: readonly NamedPort[];
}

/**
 * The pod that a machine will run in once it starts. KubeVirt adds labels of its own to those of the template
 * (virt-controller services/template.go podLabels); what runs already is judged as the pod that it is.
 */
export function machinePod({ kind, metadata, spec }: VirtualMachine): MachinePod {
  const [labels, machine] = kind === "VirtualMachine" ? [spec?.template?.metadata?.labels, spec?.template?.spec] : [metadata?.labels, spec];
  const ports = listOf(machine?.domain?.devices?.interfaces).flatMap(({ ports: own }) =>
    listOf(own).flatMap(({ name, protocol = "TCP", port }): NamedPort[] =>
      name === undefined || port === undefined || !isProtocol(protocol) ? [] : [{ name, protocol, port }],
    ),
  );
  return { labels: { ...labels, "kubevirt.io": "virt-launcher", "vm.kubevirt.io/name": metadata?.name ?? "" }, ports };
}
