import type { Labels } from "../model/kubernetes.ts";
import { addressesMatch } from "./addresses.ts";
import { allOf, anyOf, certainLabels, type Match, type PossibleLabels, selectorMatch } from "./match.ts";
import type { Addresses, Peer, PodMatch, PortMatch } from "./policy.ts";
import { everyPort, isProtocol, noPorts, onePort, type PortSet, type Protocol, portsOf, unionOfPorts, unitePorts } from "./port-set.ts";

export interface NamedPort {
  readonly name: string;
  readonly protocol: Protocol;
  readonly port: number;
}

/**
 * What flows start and end at: the pods of one label set, or any pod that could exist in a namespace (`pod`); what runs on
 * a node's own network (`host`), which no policy selects and no pod selector matches; plain addresses (`address`).
 */
export interface Endpoint {
  readonly kind: "pod" | "host" | "address";
  readonly namespace: string;
  readonly namespaceLabels: Labels;
  readonly labels: PossibleLabels;
  readonly serviceAccount?: string;
  /** `"any"`: whoever writes the pod names its ports. */
  readonly namedPorts: readonly NamedPort[] | "any";
  /** Its own addresses; absent where they are not known. */
  readonly addresses?: Addresses;
}

/** Plain addresses as an end of a flow. */
export function addressEndpoint(addresses: Addresses): Endpoint {
  return { kind: "address", namespace: "", namespaceLabels: {}, labels: () => [undefined], namedPorts: [], addresses };
}

/** Where pods and nodes may have their addresses, for those whose own ones are not known. */
export interface AddressPlan {
  readonly pods: Addresses;
  readonly nodes: Addresses;
}

/** Whether a policy of a namespace means this endpoint by such a match. */
export function podMatch(match: PodMatch, endpoint: Endpoint, policyNamespace: string): Match {
  if (endpoint.kind !== "pod") return "no";
  const namespace = namespaceMatch(match, endpoint, policyNamespace);
  return namespace === "no" ? "no" : allOf(namespace, selectorMatch(match.pods, endpoint.labels));
}

function namespaceMatch({ namespaces }: PodMatch, endpoint: Endpoint, policyNamespace: string): Match {
  if (namespaces === "own") return endpoint.namespace === policyNamespace ? "yes" : "no";
  return selectorMatch(namespaces, certainLabels(endpoint.namespaceLabels));
}

/** Whether one of a rule's peers is this endpoint. */
export function peersMatch(peers: readonly Peer[] | undefined, endpoint: Endpoint, policyNamespace: string, plan: AddressPlan): Match {
  if (peers === undefined) return "yes";
  let result: Match = "no";
  for (const peer of peers) {
    result = anyOf(result, peerMatch(peer, endpoint, policyNamespace, plan));
    if (result === "yes") return "yes";
  }
  return result;
}

function peerMatch(peer: Peer, endpoint: Endpoint, policyNamespace: string, plan: AddressPlan): Match {
  switch (peer.type) {
    case "pods":
      return podMatch(peer.match, endpoint, policyNamespace);
    case "addresses":
      return addressesMatch(peer.addresses, endpoint.addresses, endpoint.kind === "host" ? plan.nodes : plan.pods);
    case "nodes":
      return endpoint.kind === "pod" ? "no" : "maybe";
    case "names":
      // A name may resolve to anything that has an address.
      return "maybe";
  }
}

/** The ports that a rule means at this destination: surely, and perhaps. */
export function matchedPorts(ports: readonly PortMatch[] | undefined, destination: Endpoint): { sure: PortSet; perhaps: PortSet } {
  if (ports === undefined) return { sure: everyPort, perhaps: everyPort };
  const each = ports.map((match) => ("name" in match ? namedPorts(match.name, match.protocol, destination) : { sure: match.ports, perhaps: match.ports }));
  return { sure: unionOfPorts(each.map((one) => one.sure)), perhaps: unionOfPorts(each.map((one) => one.perhaps)) };
}

/**
 * A name means the container ports of the destination that have the same name and, where the rule says one, the same
 * protocol (networking/v1 NetworkPolicyPort). It means nothing at plain addresses.
 */
function namedPorts(name: string, protocol: Protocol | undefined, destination: Endpoint): { sure: PortSet; perhaps: PortSet } {
  if (destination.namedPorts === "any") {
    const all = protocol === undefined ? (["TCP", "UDP", "SCTP"] as const) : [protocol];
    return { sure: noPorts, perhaps: all.reduce<PortSet>((set, each) => unitePorts(set, portsOf(each)), noPorts) };
  }
  let found = noPorts;
  for (const port of destination.namedPorts)
    if (port.name === name && isProtocol(port.protocol) && (protocol === undefined || port.protocol === protocol))
      found = unitePorts(found, onePort(port.protocol, port.port));
  return { sure: found, perhaps: found };
}
