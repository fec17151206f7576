import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { obtain } from "./obtain.ts";
import { pins } from "./pins.ts";

const run = promisify(execFile);

/** The pinned `helm`. */
export function obtainHelm(): Promise<string> {
  return obtain({
    name: "helm",
    version: pins.helm,
    candidates: [process.env["FIREBREAK_HELM"] ?? "helm"],
    fits: async (program) => (await run(program, ["version", "--short"])).stdout.startsWith(`v${pins.helm}`),
    module: join(import.meta.dirname, "..", "go", "helm"),
    package: "helm.sh/helm/v4/cmd/helm",
    ldflags: `-s -w -X helm.sh/helm/v4/internal/version.version=v${pins.helm}`,
    firstBuild: "about 3 min",
  });
}

if (import.meta.main) process.stdout.write(`${await obtainHelm()}\n`);
