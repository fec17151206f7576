import { ApiClient } from "../src/cluster/api-client.ts";
import { credentials } from "../src/cluster/credentials.ts";
import { Cluster } from "../tools/cluster/control-plane.ts";
import { FirebreakProcess, installChart } from "../tools/cluster/firebreak-process.ts";
import { platformVerbs } from "../tools/cluster/identities.ts";
import { eventually } from "../tools/cluster/process.ts";

/** A pod CREATE through a real API server with and without the webhook, and what a start of Firebreak takes. */
export async function measureCluster(quick: boolean): Promise<string[]> {
  process.stderr.write("starting a control plane\n");
  const cluster = await Cluster.start();
  let firebreak: FirebreakProcess | undefined;
  try {
    await installChart(cluster);
    await cluster.apply(platformVerbs);
    const started = performance.now();
    firebreak = await FirebreakProcess.start(cluster, { unregistered: true });
    const ready = performance.now() - started;
    await firebreak.stop();
    firebreak = await FirebreakProcess.start(cluster);
    const namespaces = ["guarded", "excluded"] as const;
    await cluster.apply("apiVersion: v1\nkind: Namespace\nmetadata: {name: guarded, labels: {firebreak.dev/tenant: acme, firebreak.dev/mode: enforce}}\n");
    // A namespace that the configuration excludes: its pods pass without a call.
    await cluster.apply("apiVersion: v1\nkind: Namespace\nmetadata: {name: longhorn-system}\n");
    const place = { guarded: "guarded", excluded: "longhorn-system" };
    for (const namespace of Object.values(place))
      await eventually("the ServiceAccount", async () =>
        (await cluster.kubectl("admin", ["get", "serviceaccount", "default", "-n", namespace])).code === 0 ? true : undefined,
      );
    const api = new ApiClient(credentials(cluster.kubeconfig("admin")), () => {});
    const latencies: Record<(typeof namespaces)[number], number[]> = { guarded: [], excluded: [] };
    const count = quick ? 60 : 400;
    for (let index = 0; index < count; index++) {
      for (const which of namespaces) {
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
    await firebreak?.stop("SIGKILL");
    await cluster.stop();
  }
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

function report(latencies: Record<"guarded" | "excluded", number[]>, ready: number, resident: number, count: number): string[] {
  const at = (values: number[], share: number) => [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;
  const rows = (["excluded", "guarded"] as const).map((which) => {
    const what = which === "guarded" ? "both phases of Firebreak" : "no webhook (an excluded namespace)";
    return `| ${what} | ${at(latencies[which], 0.5).toFixed(2)} | ${at(latencies[which], 0.99).toFixed(2)} |`;
  });
  const added = at(latencies.guarded, 0.5) - at(latencies.excluded, 0.5);
  return [
    "## A pod CREATE through an API server",
    "",
    `One at a time, taking turns, ${count} each; etcd without fsync, everything on the same two cores.`,
    "",
    "| with | p50 ms | p99 ms |",
    "|---|---|---|",
    ...rows,
    "",
    `Added at p50: ${added.toFixed(2)} ms.`,
    "",
    "## A start",
    "",
    `From the start of the process to ready: ${(ready / 1000).toFixed(2)} s. Resident memory after ${2 * count} pods: ${Math.round(resident)} MiB.`,
  ];
}
