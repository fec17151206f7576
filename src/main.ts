import { join } from "node:path";
import packageJson from "../package.json" with { type: "json" };
import { startFirebreak } from "./compose.ts";
import { loadConfiguration } from "./config/configuration.ts";
import { FirebreakError, messageOf } from "./model/errors.ts";

const usage = `Usage: firebreak serve --config FILE

Runs the admission webhook and its controllers.

  --config FILE   the configuration (YAML or JSON)
  --version       prints the version

Environment: KUBECONFIG names a kubeconfig file; without it the pod's own ServiceAccount is used.
Exit codes: 0 stopped by a signal, 1 could not start, 2 wrong usage.
`;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) return print(usage, 0);
  if (args.includes("--version")) return print(`${packageJson.version}\n`, 0);
  const file = args[args.indexOf("--config") + 1];
  if (args[0] !== "serve" || !args.includes("--config") || file === undefined) return print(usage, 2);
  try {
    const configuration = await loadConfiguration(file);
    const firebreak = await startFirebreak(configuration, {
      kubeconfig: process.env["KUBECONFIG"],
      terminal: process.stdout.isTTY === true,
      root: join(import.meta.dirname, ".."),
      version: packageJson.version,
    });
    await signalled();
    await firebreak.stop();
    process.exit(0);
  } catch (thrown) {
    const code = thrown instanceof FirebreakError ? thrown.code : "FBR_INTERNAL";
    process.stderr.write(`firebreak: [${code}] ${messageOf(thrown)}\n`);
    process.exit(1);
  }
}

/** The first SIGTERM or SIGINT; a second one ends at once, as the default does. */
function signalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
  });
}

function print(text: string, code: number): number {
  (code === 0 ? process.stdout : process.stderr).write(text);
  return code;
}
