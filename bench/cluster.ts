import { join } from "node:path";
import { ApiClient } from "../src/cluster/api-client.ts";
import { credentials } from "../src/cluster/credentials.ts";
import { Cluster } from "../tools/cluster/control-plane.ts";
import { FirebreakProcess, installChart } from "../tools/cluster/firebreak-process.ts";
import { platformVerbs } from "../tools/cluster/identities.ts";
import { eventually } from "../tools/cluster/process.ts";
import { MeasuredServer } from "./measured-server.ts";

/** A pod CREATE through a real API server with and without the webhook, and what a start of Firebreak takes. */
export async function measureCluster(quick: boolean): Promise<string[]> {
  process.stderr.write("starting a control plane\n");
  const cluster = await Cluster.start();
  let firebreak: FirebreakProcess | undefined;
  let bare: MeasuredServer | undefined;
  try {
    await installChart(cluster);
    await cluster.apply(platformVerbs);
    const started = performance.now();
    firebreak = await FirebreakProcess.start(cluster, { unregistered: true });
    const ready = performance.now() - started;
    await firebreak.stop();
    firebreak = await FirebreakProcess.start(cluster);
    await cluster.apply("apiVersion: v1\nkind: Namespace\nmetadata: {name: guarded, labels: {firebreak.dev/tenant: acme, firebreak.dev/mode: enforce}}\n");
    // Namespaces that the configuration excludes: their pods pass without a call of Firebreak.
    await cluster.apply(
      "apiVersion: v1\nkind: Namespace\nmetadata: {name: longhorn-system}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: metallb-system}\n",
    );
    bare = await MeasuredServer.start("bare fastify", [process.execPath, join(import.meta.dirname, "servers", "bare.ts")], "/dev/null");
    await cluster.apply(bareWebhooks(bare, place.bare));
    for (const namespace of Object.values(place))
      await eventually("the ServiceAccount", async () =>
        (await cluster.kubectl("admin", ["get", "serviceaccount", "default", "-n", namespace])).code === 0 ? true : undefined,
      );
    const api = new ApiClient(credentials(cluster.kubeconfig("admin")), () => {});
    const latencies: Latencies = { excluded: [], bare: [], guarded: [] };
    const count = quick ? 60 : 400;
    for (let index = 0; index < count; index++) {
      for (const which of contenders) {
        const asked = performance.now();
        await api.call("POST", `/api/v1/namespaces/${place[which]}/pods`, { body: pod(`p-${index}`) });
        // The first ones warm connections, caches and compilers.
        if (index >= count / 10) latencies[which].push(performance.now() - asked);
      }
    }
    api.close();
    const resident = await residentMebibytes(firebreak);
    return report(latencies, ready, resident, count);
  } finally {
    bare?.stop();
    await firebreak?.stop("SIGKILL");
    await cluster.stop();
  }
}

const contenders = ["excluded", "bare", "guarded"] as const;
type Latencies = Record<(typeof contenders)[number], number[]>;
const place = { excluded: "longhorn-system", bare: "metallb-system", guarded: "guarded" } as const;

/** The baseline of the way itself: a mutating and a validating call that answer `allowed` at once. */
function bareWebhooks({ port, caBundle }: MeasuredServer, namespace: string): string {
  const items = ["Mutating", "Validating"].map((phase) => ({
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: `${phase}WebhookConfiguration`,
    metadata: { name: "bare" },
    webhooks: [
      {
        name: "bare.bench.example",
        clientConfig: { url: `https://127.0.0.1:${port}/${phase === "Mutating" ? "mutate" : "validate"}`, caBundle },
        rules: [{ apiGroups: [""], apiVersions: ["v1"], resources: ["pods"], operations: ["CREATE"] }],
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
      },
    ],
  }));
  return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}

function pod(name: string): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: { component: "bench", owner: "bench" } },
    spec: { containers: [{ name: "c", image: "registry.example/c:1" }] },
  };
}

async function residentMebibytes({ metricsPort }: FirebreakProcess): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]) / 2 ** 20;
}

function report(latencies: Latencies, ready: number, resident: number, count: number): string[] {
  const at = (values: number[], share: number) => [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;
  const names = { excluded: "no webhook", bare: "a bare webhook, both phases", guarded: "Firebreak, both phases, in an enforced namespace" };
  const rows = contenders.map((which) => `| ${names[which]} | ${at(latencies[which], 0.5).toFixed(2)} | ${at(latencies[which], 0.99).toFixed(2)} |`);
  const added = (which: keyof Latencies) => (at(latencies[which], 0.5) - at(latencies.excluded, 0.5)).toFixed(2);
  return [
    "## A pod CREATE through an API server",
    "",
    `One at a time, taking turns, ${count} each; etcd without fsync, everything on the same two cores.`,
    "",
    "| with | p50 ms | p99 ms |",
    "|---|---|---|",
    ...rows,
    "",
    `Added at p50: ${added("guarded")} ms by Firebreak, ${added("bare")} ms by two calls that decide nothing.`,
    "",
    "## A start",
    "",
    `From the start of the process to ready: ${(ready / 1000).toFixed(2)} s. Resident memory after ${count} pods: ${Math.round(resident)} MiB.`,
  ];
}
