/** Says which builtins a module calls out for: what its own `builtins` export lists (OPA WebAssembly ABI 1.x). */
import { parentPort, workerData } from "node:worker_threads";
import { instantiate } from "./opa-wasm.ts";

const { wasmInstance, mem } = instantiate(workerData as WebAssembly.Module) as unknown as { wasmInstance: WebAssembly.Instance; mem: WebAssembly.Memory };
const exports = wasmInstance.exports as Record<string, (address?: number) => number>;
const address = exports["opa_json_dump"]?.(exports["builtins"]?.()) ?? 0;
const bytes = new Uint8Array(mem.buffer);
parentPort?.postMessage(Object.keys(JSON.parse(Buffer.from(bytes.subarray(address, bytes.indexOf(0, address))).toString("utf8"))));
