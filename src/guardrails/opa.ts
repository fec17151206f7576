import { type ExecFileException, execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { FirebreakError, messageOf } from "../model/errors.ts";

/** The `opa` command and what it may take: packs come from other people, and a compiler can be made to work for ever. */
export interface Opa {
  readonly command: string;
  readonly timeoutMillis: number;
  readonly memoryBytes: number;
}

/** The largest pack that was measured (1,000 rules) compiles in 6 s and 400 MiB. */
export const opaLimits = { timeoutMillis: 60_000, memoryBytes: 1024 * 1024 * 1024 } as const;

export interface OpaAnswer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** GHSA-g2pf-6v5v-qcc8: before this version, a signature without a key id passed. */
const oldest = [1, 21, 3] as const;

const lookMillis = 50;

/**
 * Runs `opa` to its end.
 *
 * @throws FirebreakError FBR_TOOL_MISSING where it is not there; FBR_PACK_LIMIT where it took more time or memory than it may.
 */
export function runOpa(opa: Opa, args: readonly string[], cwd?: string): Promise<OpaAnswer> {
  const what = `${basename(opa.command)} ${args[0]}`;
  return new Promise((resolve, reject) => {
    let why: string | undefined;
    const environment = { PATH: "/usr/bin:/bin", GOMEMLIMIT: String(opa.memoryBytes), HOME: "/nonexistent" };
    const child = execFile(opa.command, args, { env: environment, cwd, maxBuffer: 64 * 1024 * 1024, encoding: "utf8" }, (error, stdout, stderr) => {
      clearInterval(watch);
      clearTimeout(timer);
      const code = error === null ? 0 : error.code;
      if (why !== undefined) reject(new FirebreakError("FBR_PACK_LIMIT", `${what} was ended: ${why}`));
      else if (typeof code === "number") resolve({ code, stdout, stderr });
      else reject(notRun(opa.command, what, error));
    });
    const end = (reason: string) => {
      why ??= reason;
      child.kill("SIGKILL");
    };
    const timer = setTimeout(() => end(`it took longer than ${opa.timeoutMillis} ms`), opa.timeoutMillis);
    const watch = setInterval(async () => {
      if (child.pid !== undefined && (await residentBytes(child.pid)) > opa.memoryBytes) end(`it took more than ${opa.memoryBytes} bytes of memory`);
    }, lookMillis);
  });
}

function notRun(command: string, what: string, error: ExecFileException | null): FirebreakError {
  if (error?.code === "ENOENT" || error?.code === "EACCES")
    return new FirebreakError("FBR_TOOL_MISSING", `${command} cannot be run: name OPA by --opa or FIREBREAK_OPA`, { cause: error });
  return new FirebreakError("FBR_PACK_LIMIT", `${what} was ended: ${messageOf(error)}`, { cause: error });
}

/**
 * The version of OPA, `1.22.1`.
 *
 * @throws FirebreakError FBR_TOOL_MISSING where it is older than what signatures can be trusted with.
 */
export async function opaVersion(opa: Opa): Promise<string> {
  const version = /^Version: (\S+)/m.exec((await runOpa(opa, ["version"])).stdout)?.[1] ?? "unknown";
  const parts = version.split(".").map(Number);
  const differing = oldest.findIndex((part, index) => part !== parts[index]);
  if (parts.length < 3 || (differing >= 0 && (parts[differing] ?? 0) < (oldest[differing] as number)))
    throw new FirebreakError("FBR_TOOL_MISSING", `OPA ${version} is too old: ${oldest.join(".")} or later is needed`);
  return version;
}

/** Memory of a process from Linux' own account; elsewhere only the time is limited. */
export async function residentBytes(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024;
}
