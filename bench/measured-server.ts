import { type ChildProcess, execFile, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../tools/cluster/process.ts";

/** Clock ticks a second of /proc (sysconf(_SC_CLK_TCK) is 100 on every Linux that Node runs on). */
const ticksPerSecond = 100;

export interface Sample {
  readonly cpuMillis: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/** A server process pinned to core 0, asked by a client pinned to core 1. */
export class MeasuredServer {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly port: string;
  /** What a webhook configuration takes as its caBundle; only servers with TLS have one. */
  readonly caBundle: string | undefined;
  readonly #transport: "plain" | "tls";

  private constructor(name: string, child: ChildProcess, port: string, transport: "plain" | "tls", caBundle?: string) {
    this.name = name;
    this.#child = child;
    this.port = port;
    this.caBundle = caBundle;
    this.#transport = transport;
  }

  /** Standard output goes to `output`, as a log does; the port is read from what the server says on standard error. */
  static start(name: string, command: readonly string[], output: string): Promise<MeasuredServer> {
    const log = openSync(output, "w");
    const child = spawn("taskset", ["-c", "0", ...command], { stdio: ["ignore", log, "pipe"] });
    closeSync(log);
    return new Promise((resolve, reject) => {
      let said = "";
      child.once("exit", () => reject(new Error(`${name} ended: ${said}`)));
      child.stderr?.on("data", (chunk) => {
        said += chunk;
        const [, port, caBundle] = /listening (\d+) (\S+)\n/.exec(said) ?? [];
        if (port !== undefined) resolve(new MeasuredServer(name, child, port, "tls", caBundle));
      });
    });
  }

  /** A server that does not say where it listens, in the clear, on a port that was chosen for it. */
  static async startOn(port: number, name: string, command: readonly string[], output: string): Promise<MeasuredServer> {
    const log = openSync(output, "w");
    const child = spawn("taskset", ["-c", "0", ...command], { stdio: ["ignore", log, log] });
    closeSync(log);
    await eventually(`${name} to listen`, () => fetch(`http://127.0.0.1:${port}/health`).then(({ ok }) => (ok ? true : undefined)));
    return new MeasuredServer(name, child, String(port), "plain");
  }

  async measure(path: string, body: Buffer, count: number, connections: number): Promise<Sample> {
    const before = this.#cpuSeconds();
    const load = await new Promise<{ seconds: number; p50: number; p99: number }>((resolve, reject) => {
      const args = ["-c", "1", process.execPath, join(import.meta.dirname, "load.ts"), this.port, path, String(count), String(connections), this.#transport];
      const child = execFile("taskset", args, (error, stdout, stderr) =>
        error === null ? resolve(JSON.parse(stdout)) : reject(new Error(`${this.name}: ${stderr}`)),
      );
      child.stdin?.end(body);
    });
    const cpu = this.#cpuSeconds() - before;
    return { cpuMillis: (cpu * 1000) / count, perSecond: count / load.seconds, p50: load.p50, p99: load.p99 };
  }

  /** Resident memory in MiB. */
  residentMebibytes(): number {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.#child.pid}/status`, "utf8"))?.[1]) / 1024;
  }

  stop(): void {
    this.#child.removeAllListeners("exit");
    this.#child.kill("SIGKILL");
  }

  /** User and system time of all threads (proc(5), fields 14 and 15 of stat). */
  #cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  }
}
