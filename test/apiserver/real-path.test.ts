import { execFile, execFileSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { obtainHelm } from "../../tools/obtain/helm.ts";

/** Root needs no user namespace for a network namespace; anybody else maps itself to root. */
const unshare = ["--net", ...(process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"])];

function whyNot(): string | undefined {
  try {
    execFileSync("unshare", [...unshare, "ip", "addr", "add", "10.99.0.11/24", "dev", "lo"], { stdio: "pipe" });
    return undefined;
  } catch (thrown) {
    return `this machine allows no network namespace: ${(thrown as Error).message.split("\n")[0]}`;
  }
}

const reason = whyNot();

beforeAll(() => obtainHelm(), 1_200_000);

test("through the Service, its EndpointSlice and two replicas, as in a cluster", async ({ skip }) => {
  if (reason !== undefined) {
    process.stderr.write(`not run: ${reason}\n`);
    skip(reason);
  }
  const driver = join(import.meta.dirname, "..", "real-path", "driver.ts");
  const { code, stdout, stderr } = await new Promise<{ code: number; stdout: string; stderr: string }>((resolve) =>
    execFile("unshare", [...unshare, process.execPath, driver], (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout: out, stderr: err }),
    ),
  );
  expect(code, stdout + stderr).toBe(0);
  expect(stdout.trim().split("\n")).toEqual([
    "installed by helm",
    "two replicas started at once are called through the Service",
    "every entry names the Service",
    "the published authority vouches for both, by the Service's names",
    "one of them leads, by the Lease",
    "a bad pod is refused, a good one is admitted, the default deny stands",
    "both replicas were asked",
    "the leader died, the other one leads and answers",
  ]);
});
