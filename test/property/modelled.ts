import { addressesOf } from "../../src/reachability/addresses.ts";
import { compileAdminNetworkPolicy } from "../../src/reachability/dialects/admin-network-policy/compile.ts";
import { compileClusterNetworkPolicy } from "../../src/reachability/dialects/cluster-network-policy/compile.ts";
import { compileNetworkPolicy } from "../../src/reachability/dialects/network-policy/compile.ts";
import type { Endpoint } from "../../src/reachability/endpoint.ts";
import { certainLabels } from "../../src/reachability/match.ts";
import { Network, type Population } from "../../src/reachability/network.ts";
import type { Addresses, Policy } from "../../src/reachability/policy.ts";
import type { Cluster, End } from "./plain-evaluator.ts";

const everywhere = addressesOf(["0.0.0.0/0"]) as Addresses;

function policiesOf({ networkPolicies, clusterNetworkPolicies, adminNetworkPolicies }: Cluster): Policy[] {
  return [
    ...networkPolicies.map(compileNetworkPolicy),
    ...clusterNetworkPolicies.map(compileClusterNetworkPolicy),
    ...adminNetworkPolicies.map(compileAdminNetworkPolicy),
  ];
}

/** A network of the pods that are there, or of what a population makes of the namespaces. */
export function networkOf(cluster: Cluster, population: Population = (name) => podsOf(cluster, name)): Network {
  const network = new Network({ pods: everywhere, nodes: everywhere }, population);
  for (const [name, labels] of Object.entries(cluster.namespaces)) network.setNamespace(name, labels);
  for (const policy of policiesOf(cluster)) network.setPolicy(policy);
  return network;
}

function podsOf(cluster: Cluster, namespace: string): Endpoint[] {
  return cluster.pods.filter((pod) => pod.namespace === namespace).map((pod) => endpointOf(cluster, pod));
}

export function endpointOf(cluster: Cluster, end: End): Endpoint {
  const addresses = addressesOf([`${end.ip}/32`]) as Addresses;
  if (!("labels" in end)) return { kind: "address", namespace: "", namespaceLabels: {}, labels: certainLabels({}), namedPorts: [], addresses };
  return {
    kind: end.hostNetwork ? "host" : "pod",
    namespace: end.namespace,
    namespaceLabels: cluster.namespaces[end.namespace] ?? {},
    labels: certainLabels(end.labels),
    namedPorts: end.ports as Endpoint["namedPorts"],
    addresses,
  };
}
