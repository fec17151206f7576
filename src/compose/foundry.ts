import { fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Foundry, FoundSource, Proved } from "../cluster/rule-packs/foundry.ts";
import { checkSources } from "../guardrails/authoring/compile.ts";
import { writeSources } from "../guardrails/authoring/sources.ts";
import { readBundle } from "../guardrails/bundle/bundle.ts";
import { verifyFiles } from "../guardrails/bundle/signature.ts";
import { residentBytes } from "../guardrails/opa.ts";
import { packFrom } from "../guardrails/pack.ts";
import { type ErrorCode, errorCodes, FirebreakError, messageOf } from "../model/errors.ts";
import type { PackUseSettings } from "../model/rule-pack.ts";
import type { Environment } from "./environment.ts";
import { findOpa } from "./find-opa.ts";
import { workshop } from "./workshop.ts";

/** What the process that proves a pack may take. Its own modules take 120 MiB, a compiler of 50 rules as much again. */
export interface FoundryLimits {
  readonly proveMillis: number;
  readonly memoryBytes: number;
}

/** What the process is told, and what it answers. */
export interface Order {
  readonly root: string;
  readonly opa: string;
  readonly limits: FoundryLimits;
  readonly source: FoundSource;
}
export type Delivery = { readonly proved: Proved } | { readonly code: ErrorCode; readonly message: string };

const lookMillis = 100;

/** Proves packs in a process of its own, with limits of time and memory: a pack is code from someone else. */
export function createFoundry(environment: Environment, limits: FoundryLimits): Foundry {
  const opaOrNone = (source: FoundSource) => ("files" in source ? findOpa(environment) : Promise.resolve(""));
  return {
    async prove(source) {
      return prove({ root: environment.root, opa: await opaOrNone(source), limits, source });
    },
    async glance(source, timeoutMillis) {
      if ("bundle" in source) {
        verifyFiles(readBundle(source.bundle), source.trustedKeys);
        return;
      }
      const opaLimits = { timeoutMillis, memoryBytes: limits.memoryBytes };
      const tools = workshop(environment.root, await findOpa(environment), opaLimits);
      await inFolder(source.files, (folder) => checkSources(folder, tools));
    },
    async checkSettings(bundle: Uint8Array, settings: PackUseSettings) {
      await packFrom(readBundle(bundle), settings);
    },
  };
}

/** Does something with sources in a folder of their own, and clears it away. */
export async function inFolder<T>(files: Readonly<Record<string, string>>, task: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "firebreak-sources-"));
  try {
    await writeSources(files, folder);
    return await task(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function prove(order: Order): Promise<Proved> {
  const { proveMillis, memoryBytes } = order.limits;
  return new Promise((resolve, reject) => {
    let why = "it ended without an answer";
    const child = fork(new URL("./foundry-process.ts", import.meta.url), [], {
      // Nothing of our own environment: the process has no business with a cluster.
      env: { PATH: "/usr/bin:/bin", TMPDIR: tmpdir() },
      execArgv: [`--max-old-space-size=${Math.floor(memoryBytes / 1024 / 1024 / 2)}`],
      detached: true,
      serialization: "advanced",
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    const end = (reason: string) => {
      why = reason;
      try {
        // The compiler that it runs goes with it.
        process.kill(-(child.pid as number), "SIGKILL");
      } catch {
        child.kill("SIGKILL");
      }
    };
    const timer = setTimeout(() => end(`it took longer than ${proveMillis} ms`), proveMillis);
    const watch = setInterval(async () => {
      if (child.pid !== undefined && (await residentBytes(child.pid)) > memoryBytes) end(`it took more than ${memoryBytes} bytes of memory`);
    }, lookMillis);
    const settle = (delivery: Delivery | undefined) => {
      clearTimeout(timer);
      clearInterval(watch);
      if (delivery === undefined) reject(new FirebreakError("FBR_PACK_LIMIT", `proving the pack was ended: ${why}`));
      else if ("proved" in delivery) resolve(delivery.proved);
      else reject(new FirebreakError(delivery.code in errorCodes ? delivery.code : "FBR_INTERNAL", delivery.message));
    };
    child.once("message", (delivery) => settle(delivery as Delivery));
    child.once("error", (cause) => {
      why = messageOf(cause);
    });
    child.once("exit", () => settle(undefined));
    child.send(order, (failed) => failed && end(messageOf(failed)));
  });
}
