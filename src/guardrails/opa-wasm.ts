import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as imported from "@open-policy-agent/opa-wasm";
import { sprintf } from "./sprintf.ts";

/** The package is CommonJS and its names cannot be seen by Node's loader: they stand on the default export. */
const { loadPolicySync } = (imported as unknown as { default: typeof imported }).default;

/**
 * What runs in JavaScript is outside of the module's memory limit. The runtime has builtins of its own that nothing bounds (a text
 * of a gigabyte by `sprintf`, a backtracking `regex.split`), and takes them before any that it is given: so they are taken out.
 */
const require = createRequire(import.meta.url);
const builtins = require(join(dirname(require.resolve("@open-policy-agent/opa-wasm")), "builtins", "index.js")) as Record<string, unknown>;
for (const name of Object.keys(builtins)) delete builtins[name];

/** The only builtins that a module may call out for. */
const hostFunctions = { sprintf } as const;

/** WebAssembly pages of 64 KiB. The maximum stops an evaluation that would eat the machine: 64 MiB. */
const memoryPages = { initial: 8, maximum: 1024 } as const;

/** A new instance of a pack's module, with a memory of its own. */
export function instantiate(module: WebAssembly.Module): imported.LoadedPolicy {
  return loadPolicySync(module, memoryPages, hostFunctions);
}
