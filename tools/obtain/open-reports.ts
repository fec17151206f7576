import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The custom resource definitions of OpenReports, from the Go module that go.sum pins; as one text of YAML. */
export async function openReportsDefinitions(): Promise<string> {
  const pinned = join(import.meta.dirname, "..", "go", "openreports");
  const { stdout } = await run("go", ["mod", "download", "-json", "github.com/openreports/reports-api"], { cwd: pinned });
  const { Dir: folder } = JSON.parse(stdout) as { Dir: string };
  const files = ["openreports.io_reports.yaml", "openreports.io_clusterreports.yaml"].map((file) => readFile(join(folder, "config", "crd", file), "utf8"));
  return (await Promise.all(files)).join("\n---\n");
}
