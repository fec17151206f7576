import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { obtain } from "./obtain.ts";
import { pins } from "./pins.ts";

const run = promisify(execFile);

/** The pinned `opa`. */
export function obtainOpa(): Promise<string> {
  return obtain({
    name: "opa",
    version: pins.opa,
    candidates: [process.env["FIREBREAK_OPA"] ?? "opa"],
    fits: async (program) => (await run(program, ["version"])).stdout.startsWith(`Version: ${pins.opa}\n`),
    module: join(import.meta.dirname, "..", "go", "opa"),
    package: "github.com/open-policy-agent/opa",
    ldflags: "-s -w",
    firstBuild: "about 2 min",
  });
}

if (import.meta.main) process.stdout.write(`${await obtainOpa()}\n`);
