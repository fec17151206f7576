/**
 * The way that reviews take in a cluster: the API server resolves `clientConfig.service` to the addresses of an EndpointSlice and
 * calls two replicas there, by the Service's name in their certificates. Runs in a network namespace of its own, where it may
 * have addresses that an EndpointSlice allows (127.0.0.0/8 is none); `test/apiserver/real-path.test.ts` starts it. Each line
 * that it prints is a step that held.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { connect, type PeerCertificate } from "node:tls";
import { Cluster } from "../../tools/cluster/control-plane.ts";
import { FirebreakProcess, registered } from "../../tools/cluster/firebreak-process.ts";
import { platformVerbs } from "../../tools/cluster/identities.ts";
import { NodeStandIn } from "../../tools/cluster/node-stand-in.ts";
import { eventually } from "../../tools/cluster/process.ts";
import { obtainHelm } from "../../tools/obtain/helm.ts";

const root = join(import.meta.dirname, "..", "..");
const addresses = ["10.99.0.11", "10.99.0.12"] as const;

function held(step: string): void {
  process.stdout.write(`${step}\n`);
}

function addAddresses(): void {
  execFileSync("ip", ["link", "set", "lo", "up"]);
  // On the loopback device, because not every kernel has another for the asking.
  for (const address of addresses) execFileSync("ip", ["addr", "add", `${address}/24`, "dev", "lo"]);
}

/** The certificate that a replica serves to whoever trusts `ca` and calls it by the Service's name; fails where it does not fit. */
function certificateOf(host: string, ca: string): Promise<PeerCertificate> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: 8443, ca, servername: "firebreak.firebreak-system.svc" }, () => {
      resolve(socket.getPeerCertificate());
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

async function metric({ metricsPort }: FirebreakProcess, pattern: RegExp): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  return [...text.matchAll(pattern)].reduce((sum, [, value]) => sum + Number(value), 0);
}

const reviews = (replica: FirebreakProcess) => metric(replica, /^firebreak_review_duration_seconds_count\{.*\} (\d+)$/gm);
const leads = (replica: FirebreakProcess) => metric(replica, /^firebreak_leader (\d)$/gm);

function endpoints(some: readonly string[]): string {
  return JSON.stringify({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: "firebreak-replicas", namespace: "firebreak-system", labels: { "kubernetes.io/service-name": "firebreak" } },
    addressType: "IPv4",
    ports: [{ name: "https", protocol: "TCP", port: 8443 }],
    endpoints: some.map((address) => ({ addresses: [address], conditions: { ready: true } })),
  });
}

const badPod = JSON.stringify({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "bad" },
  spec: { hostNetwork: true, containers: [{ name: "c", image: "i" }] },
});
const goodPod = (name: string) => JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name }, spec: { containers: [{ name: "c", image: "i" }] } });

addAddresses();
const cluster = await Cluster.start({ apiServerFlags: ["--enable-aggregator-routing=true"] });
const node = await NodeStandIn.start(cluster);
let replicas: FirebreakProcess[] = [];
try {
  await run();
} finally {
  await Promise.all(replicas.map((replica) => replica.stop("SIGKILL")));
  node.stop();
  await cluster.stop();
}

async function run(): Promise<void> {
  execFileSync(
    await obtainHelm(),
    ["install", "firebreak", join(root, "charts", "firebreak"), "--namespace", "firebreak-system", "--create-namespace", "--set", "replicaCount=0"],
    {
      env: { ...process.env, KUBECONFIG: cluster.kubeconfig("admin") },
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  await cluster.apply(platformVerbs);
  await cluster.apply(endpoints(addresses));
  held("installed by helm");

  replicas = await Promise.all(
    addresses.map((host, index) =>
      FirebreakProcess.start(cluster, {
        name: `replica-${index}`,
        unregistered: true,
        configuration: { endpoint: { service: { name: "firebreak" } }, listen: { host, port: 8443 } },
      }),
    ),
  );
  await registered(cluster);
  held("two replicas started at once are called through the Service");

  interface Registered {
    readonly webhooks: readonly { readonly clientConfig: { readonly service?: object; readonly caBundle: string } }[];
  }
  const configuration = await cluster.get<Registered>(["validatingwebhookconfiguration", "firebreak"]);
  for (const { clientConfig } of configuration?.webhooks ?? []) {
    assert.deepEqual({ ...clientConfig.service, path: undefined }, { namespace: "firebreak-system", name: "firebreak", port: 443, path: undefined });
  }
  held("every entry names the Service");

  const [caBundle = "", ...others] = new Set(configuration?.webhooks.map(({ clientConfig }) => clientConfig.caBundle));
  assert.deepEqual(others, []);
  const ca = Buffer.from(caBundle, "base64").toString("utf8");
  const certificates = await Promise.all(addresses.map((host) => certificateOf(host, ca)));
  assert.equal(new Set(certificates.map(({ fingerprint256 }) => fingerprint256)).size, 2);
  for (const { subjectaltname } of certificates) assert.match(subjectaltname ?? "", /DNS:firebreak\.firebreak-system\.svc\.cluster\.local(,|$)/);
  held("the published authority vouches for both, by the Service's names");

  assert.deepEqual((await Promise.all(replicas.map(leads))).sort(), [0, 1]);
  const lease = await cluster.get<{ spec: { holderIdentity: string } }>(["lease", "firebreak", "-n", "firebreak-system"]);
  assert.ok(lease?.spec.holderIdentity);
  held("one of them leads, by the Lease");

  const namespace = JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels: { "firebreak.dev/tenant": "acme" } } });
  await said("platform", 0, ["create", "-f", "-"], namespace);
  await eventually("the ServiceAccount", async () =>
    (await cluster.kubectl("admin", ["get", "serviceaccount", "default", "-n", "shop"])).code === 0 ? true : undefined,
  );
  assert.match((await said("alice", 1, ["create", "-n", "shop", "-f", "-"], badPod)).stderr, /denied the request: \[SEG-OP-001\]/);
  await said("alice", 0, ["create", "-n", "shop", "-f", "-"], goodPod("good"));
  assert.ok(await cluster.get(["networkpolicy", "firebreak-default-deny", "-n", "shop"]));
  held("a bad pod is refused, a good one is admitted, the default deny stands");

  // An API server keeps its connections: it looks for another address where it needs one more of them.
  let round = 0;
  await eventually(
    "both replicas to be asked",
    async () => {
      round += 1;
      const names = Array.from({ length: 6 }, (_, index) => `together-${round}-${index}`);
      await Promise.all(names.map((name) => said("alice", 0, ["create", "-n", "shop", "-f", "-"], goodPod(name))));
      return (await Promise.all(replicas.map(reviews))).every((count) => count > 0) ? true : undefined;
    },
    60,
  );
  held("both replicas were asked");

  const leading = await Promise.all(replicas.map(leads));
  const leader = leading.indexOf(1);
  await replicas[leader]?.stop("SIGKILL");
  await cluster.apply(endpoints(addresses.filter((_, index) => index !== leader)));
  const survivor = replicas[1 - leader] as FirebreakProcess;
  await eventually("another leader", async () => ((await leads(survivor)) === 1 ? true : undefined), 40);
  await eventually("a verdict of the survivor", async () =>
    (await cluster.kubectl("alice", ["create", "-n", "shop", "-f", "-"], badPod)).stderr.includes("[SEG-OP-001]") ? true : undefined,
  );
  await said("alice", 0, ["create", "-n", "shop", "-f", "-"], goodPod("after"));
  held("the leader died, the other one leads and answers");
}

async function said(identity: "alice" | "platform", code: number, args: readonly string[], input: string) {
  const answer = await cluster.kubectl(identity, args, input);
  assert.equal(answer.code, code, answer.stderr);
  return answer;
}
