import fc from "fast-check";
import { expect, test } from "vitest";
import { hasBit } from "../../src/reachability/bit-set.ts";
import type { Endpoint } from "../../src/reachability/endpoint.ts";
import { portsBetween, portsOfOneEnd } from "../../src/reachability/pair.ts";
import { holdsPorts, onePort, type Protocol } from "../../src/reachability/port-set.ts";
import { size } from "../size.ts";
import { cluster, packets } from "./clusters.ts";
import { endpointOf, networkOf } from "./modelled.ts";
import { type Cluster, isAllowed, type Packet } from "./plain-evaluator.ts";

const clusters = size(2000, 20_000);
const packetsEach = 50;

const questions = cluster.chain((each) => fc.tuple(fc.constant(each), fc.array(packets(each), { minLength: packetsEach, maxLength: packetsEach })));

test(`the model and the plain evaluator agree on ${clusters * packetsEach} packets`, { timeout: 900_000 }, () => {
  fc.assert(
    fc.property(questions, ([each, asked]) => {
      const network = networkOf(each);
      for (const packet of asked) {
        const ends = [packet.from, packet.to].map((end) => endpointOf(each, end)) as [Endpoint, Endpoint];
        const ports = onePort(packet.protocol as Protocol, packet.port);
        const plain = orders(each).map((order) => isAllowed(each, packet, order));
        // A node reaches the pods that it runs, and nobody knows which those are.
        const fromNode = ends[0].kind === "host" && ends[1].kind === "pod";
        const [perhaps, sure] = (["perhaps", "sure"] as const).map((bound) => holdsPorts(portsBetween(network, ...ends, bound), ports));
        if (plain.includes(true)) expect(perhaps, words(packet)).toBe(true);
        if (plain.includes(false)) expect(sure, words(packet)).toBe(false);
        // Where the order of two policies is not defined, bounds may be wider than any one order.
        if (!tied(each)) expect([perhaps, sure], words(packet)).toEqual([fromNode || plain[0], plain[0]]);
      }
    }),
    { numRuns: clusters, ...(process.env["FIREBREAK_SEED"] === undefined ? {} : { seed: Number(process.env["FIREBREAK_SEED"]) }) },
  );
});

test("what is computed for all at once is what is computed for each pair", { timeout: 300_000 }, () => {
  fc.assert(
    fc.property(cluster, (each) => {
      const network = networkOf(each);
      const ids = Object.keys(each.namespaces).flatMap((name) => network.of(name));
      for (const id of ids) for (const other of ids) expectSame(network, id, other);
    }),
    { numRuns: size(300, 5000) },
  );
});

/** Orders of policies in which each of them goes first once. */
function orders({ clusterNetworkPolicies, adminNetworkPolicies }: Cluster): ((names: readonly string[]) => readonly string[])[] {
  const count = tied({ clusterNetworkPolicies, adminNetworkPolicies }) ? clusterNetworkPolicies.length + adminNetworkPolicies.length : 1;
  return Array.from({ length: count }, (_, first) => (names: readonly string[]) => [...names.slice(first), ...names.slice(0, first)]);
}

function tied({ clusterNetworkPolicies, adminNetworkPolicies }: Pick<Cluster, "clusterNetworkPolicies" | "adminNetworkPolicies">): boolean {
  const keys = [
    ...clusterNetworkPolicies.map(({ spec }) => `${spec?.tier} ${spec?.priority}`),
    ...adminNetworkPolicies.map(({ kind, spec }) => `${kind === "AdminNetworkPolicy" ? "Admin" : "Baseline"} ${spec?.priority}`),
  ];
  return new Set(keys).size < keys.length;
}

function words({ from, to, protocol, port }: Packet): string {
  const end = (each: Packet["from"]) => ("labels" in each ? `${each.namespace} ${JSON.stringify(each.labels)} ${each.ip}` : each.ip);
  return `${end(from)} -> ${end(to)} ${protocol}/${port}`;
}

function expectSame(network: ReturnType<typeof networkOf>, id: number, other: number): void {
  const [subject, peer] = [network.endpoint(id), network.endpoint(other)] as [Endpoint, Endpoint];
  if (subject.kind !== "pod" || subject.namespace === peer.namespace) return;
  for (const direction of ["ingress", "egress"] as const) {
    expect([...network.groups(direction)].filter(([, members]) => hasBit(members, id)).map(([shape]) => shape)).toEqual([network.shape(id, direction)]);
    // Nobody knows which pods a node runs; those it always reaches.
    if (peer.kind === "host" && direction === "ingress") continue;
    expect(network.portsAt(network.shape(id, direction), other)).toEqual(portsOfOneEnd(network, direction, subject, peer, "perhaps"));
  }
}
