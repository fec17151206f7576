import { execFile } from "node:child_process";
import { join } from "node:path";

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly kubeconfig?: string;
  readonly input?: string;
}

/** The file that the command line is. */
export const main = join(import.meta.dirname, "..", "..", "src", "main.ts");

/** Runs `firebreak` as a process of its own, to its end. */
export function runFirebreak(args: readonly string[], { cwd, kubeconfig, input = "" }: RunOptions = {}): Promise<Ran> {
  const env = kubeconfig === undefined ? process.env : { ...process.env, KUBECONFIG: kubeconfig };
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [main, ...args],
      { env, maxBuffer: 64 * 1024 * 1024, ...(cwd === undefined ? {} : { cwd }) },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      },
    );
    child.stdin?.end(input);
  });
}
