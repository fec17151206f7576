import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { createWriteStream } from "node:fs";
import { createServer } from "node:net";

export interface Running {
  readonly name: string;
  readonly child: ChildProcess;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts a program whose output goes to a file. It dies with us: whoever starts must stop. */
export function start(name: string, command: readonly string[], logFile: string, env: NodeJS.ProcessEnv = process.env): Running {
  const [program = "", ...args] = command;
  const log = createWriteStream(logFile, { flags: "a" });
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const onExit = () => child.kill("SIGKILL");
  process.once("exit", onExit);
  return {
    name,
    child,
    async stop(signal = "SIGTERM") {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill(signal);
        const timer = setTimeout(() => child.kill("SIGKILL"), 25_000);
        await ended;
        clearTimeout(timer);
      }
      process.off("exit", onExit);
    },
  };
}

/**
 * A TCP port of loopback that was free a moment ago. It lies below the range from which systems take ports for outgoing
 * connections (32768 and up on Linux): else a client could be given it before the server that it was meant for.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(15_000, 32_000);
    if (!handedOut.has(port) && (await canListen(port))) {
      handedOut.add(port);
      return port;
    }
  }
}

const handedOut = new Set<number>();

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** Thrown by a check that can never succeed any more. */
export class Hopeless extends Error {}

/** Waits until `check` answers something that is not undefined; a throw counts as "not yet". */
export async function eventually<T>(what: string, check: () => Promise<T | undefined>, seconds = 30): Promise<T> {
  const end = Date.now() + seconds * 1000;
  let last: unknown;
  for (;;) {
    try {
      const value = await check();
      if (value !== undefined) return value;
    } catch (thrown) {
      if (thrown instanceof Hopeless) throw thrown;
      last = thrown;
    }
    if (Date.now() > end) throw new Error(`${what} did not happen within ${seconds} s`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
