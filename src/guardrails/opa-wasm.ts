import * as imported from "@open-policy-agent/opa-wasm";

/** The package is CommonJS and its names cannot be seen by Node's loader: they stand on the default export. */
const { loadPolicySync } = (imported as unknown as { default: typeof imported }).default;

/** WebAssembly pages of 64 KiB. The maximum stops an evaluation that would eat the machine: 64 MiB. */
const memoryPages = { initial: 8, maximum: 1024 } as const;

/** A new instance of a pack's module, with a memory of its own. */
export function instantiate(module: WebAssembly.Module): imported.LoadedPolicy {
  return loadPolicySync(module, memoryPages);
}
