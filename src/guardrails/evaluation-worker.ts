/**
 * One worker thread: a module, its data, and nothing else. It answers questions in order; whoever asked ends the thread
 * when an answer takes too long.
 */
import { parentPort, workerData } from "node:worker_threads";
import { messageOf } from "../model/errors.ts";
import { instantiate } from "./opa-wasm.ts";

export interface Question {
  readonly id: number;
  readonly input: ArrayBuffer;
}

/** Said once, when the module stands and questions may come. */
export type Ready = "ready";

export type Answer = { readonly id: number; readonly micros: number } & ({ readonly result: unknown } | { readonly error: string });

/** Memory that an evaluation took is not given back: past this, a new instance is cheaper (0.8 ms) than the memory. */
const renewAboveBytes = 16 * 1024 * 1024;

if (parentPort !== null) serve(parentPort, workerData as { module: WebAssembly.Module; data: object });

function serve(port: NonNullable<typeof parentPort>, { module, data }: { module: WebAssembly.Module; data: object }): void {
  let policy = ready();
  port.postMessage("ready" satisfies Ready);
  port.on("message", ({ id, input }: Question) => {
    const started = process.hrtime.bigint();
    const micros = () => Number((process.hrtime.bigint() - started) / 1000n);
    try {
      const [first] = policy.evaluate(input) as { result?: unknown }[];
      port.postMessage({ id, result: first?.result, micros: micros() } satisfies Answer);
      if (memoryBytes(policy) > renewAboveBytes) policy = ready();
    } catch (thrown) {
      port.postMessage({ id, error: messageOf(thrown), micros: micros() } satisfies Answer);
      policy = ready();
    }
  });

  function ready() {
    const loaded = instantiate(module);
    loaded.setData(data);
    return loaded;
  }
}

function memoryBytes(policy: object): number {
  return (policy as { mem: WebAssembly.Memory }).mem.buffer.byteLength;
}
