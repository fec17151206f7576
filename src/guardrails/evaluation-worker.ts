/**
 * One worker thread: a module, its data, and nothing else. It answers questions in order; whoever asked ends the thread
 * when an answer takes too long.
 */
import { parentPort, workerData } from "node:worker_threads";
import { messageOf } from "../model/errors.ts";
import { instantiate } from "./opa-wasm.ts";

/** Inputs that are evaluated one after the other; waking a thread costs as much as a small evaluation. */
export type Batch = readonly ArrayBuffer[];

/** Said whenever what the module reads as `data` changed. */
export interface NewData {
  readonly data: object;
}

/** Said once, when the module stands and questions may come. */
export type Ready = "ready";

export type Answer = { readonly micros: number } & ({ readonly result: unknown } | { readonly error: string });

export interface Workplace {
  readonly module: WebAssembly.Module;
  readonly data: object;
  /** How many evaluations were begun: it tells a stuck one from a long batch. */
  readonly begun: SharedArrayBuffer;
}

/** Memory that an evaluation took is not given back: past this, a new instance is cheaper (0.8 ms) than the memory. */
const renewAboveBytes = 16 * 1024 * 1024;

/** The largest review is sixteen times as large. */
const answerMost = 1024 * 1024;

if (parentPort !== null) serve(parentPort, workerData as Workplace);

function serve(port: NonNullable<typeof parentPort>, { module, data, begun }: Workplace): void {
  const count = new Int32Array(begun);
  let current = data;
  let policy = ready();
  port.postMessage("ready" satisfies Ready);
  port.on("message", (said: Batch | NewData) => {
    if ("data" in said) {
      current = said.data;
      policy = ready();
    } else port.postMessage(said.map(answer));
  });

  function answer(input: ArrayBuffer): Answer {
    Atomics.add(count, 0, 1);
    const started = performance.now();
    const micros = () => Math.round((performance.now() - started) * 1000);
    try {
      const [first] = policy.evaluate(input) as { result?: unknown }[];
      const answered = { result: bounded(first?.result), micros: micros() };
      if (memoryBytes(policy) > renewAboveBytes) policy = ready();
      return answered;
    } catch (thrown) {
      policy = ready();
      return { error: messageOf(thrown), micros: micros() };
    }
  }

  function ready() {
    const loaded = instantiate(module);
    loaded.setData(current);
    return loaded;
  }
}

/** The answer is copied to the thread that asked: a rule that floods it must not flood that one too. */
function bounded(result: unknown): unknown {
  const found = (result as { violations?: unknown } | undefined)?.violations;
  if (Array.isArray(found) && found.length > 0 && JSON.stringify(result).length > answerMost) throw new Error(`it answered with more than ${answerMost} bytes`);
  return result;
}

function memoryBytes(policy: object): number {
  return (policy as { mem: WebAssembly.Memory }).mem.buffer.byteLength;
}
