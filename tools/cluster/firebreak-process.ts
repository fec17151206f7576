import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { obtainOpa } from "../obtain/opa.ts";
import type { Cluster } from "./control-plane.ts";
import { platformVerbs } from "./identities.ts";
import { eventually, freePort, Hopeless, type Running, start } from "./process.ts";

const root = join(import.meta.dirname, "..", "..");

export interface FirebreakOptions {
  /** Fields of the configuration file that differ from those of a test. */
  readonly configuration?: object;
  /** Tells processes of one cluster apart. */
  readonly name?: string;
  /** Do not wait for the webhooks: another process leads, or the mode is Off. */
  readonly unregistered?: boolean;
  /** The port of a process that it takes the place of. */
  readonly port?: number;
}

/**
 * What the chart renders by default, but for its pods, whose place processes beside the cluster take: the permissions that
 * Firebreak runs under in every test.
 */
export async function installChart(cluster: Cluster): Promise<void> {
  await cluster.apply("apiVersion: v1\nkind: Namespace\nmetadata: {name: firebreak-system}\n");
  const rendered = parseAllDocuments(await readFile(join(root, "test", "chart", "golden", "default.yaml"), "utf8"));
  const objects = rendered.map((document) => document.toJS() as { kind?: string } | null).filter((object) => object !== null);
  await cluster.apply(JSON.stringify({ apiVersion: "v1", kind: "List", items: objects.filter(({ kind = "" }) => !["Deployment", "Pod"].includes(kind)) }));
  await cluster.apply(platformVerbs);
}

/** A Firebreak process beside the cluster, under its own ServiceAccount, called by address. */
export class FirebreakProcess {
  readonly logFile: string;
  readonly port: number;
  readonly metricsPort: number;
  readonly #running: Running;

  private constructor(logFile: string, ports: readonly [number, number], running: Running) {
    this.logFile = logFile;
    [this.port, this.metricsPort] = ports;
    this.#running = running;
  }

  static async start(cluster: Cluster, options: FirebreakOptions = {}): Promise<FirebreakProcess> {
    const name = options.name ?? "firebreak";
    await cluster.addServiceAccount("firebreak", "firebreak-system", "firebreak");
    const [port, metricsPort] = await Promise.all([options.port ?? freePort(), freePort()]);
    const configuration = {
      endpoint: { url: `https://127.0.0.1:${port}` },
      listen: { host: "127.0.0.1", port },
      metrics: { host: "127.0.0.1", port: metricsPort },
      packs: [{ path: join(root, "dist", "packs", "segmentation_baseline.tar.gz") }],
      repairMillis: 1000,
      rulePacks: { folder: cluster.path("packs"), evidenceMillis: 1000 },
      drainMillis: 0,
      ...options.configuration,
    };
    const file = cluster.path(`${name}.json`);
    const logFile = cluster.path(`${name}.log`);
    await writeFile(file, JSON.stringify(configuration, null, 2));
    const environment = { ...process.env, KUBECONFIG: cluster.kubeconfig("firebreak"), FIREBREAK_OPA: await obtainOpa() };
    const command = [process.execPath, join(root, "src", "main.ts"), "serve", "--config", file];
    const firebreak = new FirebreakProcess(logFile, [port, metricsPort], start("firebreak", command, logFile, environment));
    await eventually(
      "a ready Firebreak",
      async () => (firebreak.ended ? Promise.reject(new Hopeless("it ended")) : (await fetch(`http://127.0.0.1:${metricsPort}/readyz`)).ok ? true : undefined),
      40,
    ).catch(async (thrown) => {
      throw new Error(`Firebreak did not start:\n${(await readFile(logFile, "utf8")).slice(-3000)}`, { cause: thrown });
    });
    if (options.unregistered !== true) await registered(cluster);
    return firebreak;
  }

  get ended(): boolean {
    return this.#running.child.exitCode !== null || this.#running.child.signalCode !== null;
  }

  /** 0 after an orderly end; null while it runs, and where it had to be killed. */
  get exitCode(): number | null {
    return this.#running.child.exitCode;
  }

  /** The JSON lines that it wrote. */
  async lines(): Promise<Record<string, unknown>[]> {
    const text = await readFile(this.logFile, "utf8");
    return text.split("\n").flatMap((line) => {
      try {
        return line.startsWith("{") ? [JSON.parse(line)] : [];
      } catch {
        return [];
      }
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#running.child.kill(signal);
  }

  /** `SIGKILL` is a death without a goodbye. */
  stop(signal?: NodeJS.Signals): Promise<void> {
    return this.#running.stop(signal);
  }
}

/** Waits until the API server asks Firebreak: it takes up new webhook configurations within a second or so. */
export async function registered(cluster: Cluster): Promise<void> {
  const probe = JSON.stringify({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "firebreak-probe", labels: { "firebreak.dev/mode": "observe", "firebreak.dev/tenant": "probe" } },
  });
  await eventually("the registration of the webhooks", async () => {
    const answer = await cluster.kubectl("probe", ["create", "--dry-run=server", "-f", "-"], probe);
    return answer.stderr.includes("SEG-ID-004") ? true : undefined;
  });
}
