import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { obtainOpa } from "../../tools/obtain/opa.ts";
import { pins } from "../../tools/obtain/pins.ts";

/**
 * No image is built here, because a test machine need not run containers. Its steps are: each RUN of the Dockerfile is a script, run
 * here as the Dockerfile runs it, and what they put together is started with a file system that cannot be written and
 * without privileges.
 */
const root = join(import.meta.dirname, "..", "..");
const dockerfile = readFileSync(join(root, "Dockerfile"), "utf8");
const steps = [...dockerfile.matchAll(/^RUN (.+)$/gm)].map(([, step]) => step as string);
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "firebreak-image-"));
  const opa = await obtainOpa();
  // What the context of the build holds.
  const ignored = new Set(readFileSync(join(root, ".dockerignore"), "utf8").split("\n"));
  for (const entry of readdirSync(root)) if (!ignored.has(entry)) cpSync(join(root, entry), join(folder, "src", entry), { recursive: true });
  run(join(folder, "src", "tools", "image", "packages.sh"));
  run(join(folder, "src", "tools", "image", "assemble.sh"), opa, join(folder, "app"));
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(script: string, ...args: string[]): void {
  execFileSync(script, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, PATH: `${join(process.execPath, "..")}:${process.env["PATH"]}` } });
}

test("each step of the Dockerfile is a script that the tests run, or removes what is not needed", () => {
  expect(steps).toEqual([
    "tools/image/opa.sh /opt/opa",
    "tools/image/packages.sh",
    "tools/image/assemble.sh /opt/opa /app",
    "rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn*",
  ]);
  // The step that builds opa says what obtaining it for the tests says.
  const script = readFileSync(join(root, "tools", "image", "opa.sh"), "utf8");
  expect(script).toContain('go build -mod=readonly -trimpath -ldflags "-s -w"');
  expect(readFileSync(join(root, "tools", "go", "opa", "go.mod"), "utf8")).toContain(`github.com/open-policy-agent/opa v${pins.opa}`);
  expect(readFileSync(join(root, "tools", "go", "opa", "go.sum"), "utf8")).toMatch(new RegExp(`^github.com/open-policy-agent/opa v${pins.opa} h1:`, "m"));
});

test("the image runs as nobody, on the Node that the project is tested with", () => {
  expect(dockerfile).toMatch(/^USER 65532:65532$/m);
  expect(dockerfile.match(/^FROM /gm)).toHaveLength(3);
  expect(dockerfile).toContain(`ARG NODE_VERSION=${process.versions.node}`);
  expect(dockerfile).not.toMatch(/^(ADD|COPY .*(key|secret))/im);
});

test("it holds what is needed at run time and nothing else", () => {
  expect(readdirSync(join(folder, "app")).sort()).toEqual(["LICENSE", "bin", "dist", "node_modules", "package.json", "policies", "src"]);
  const packages = readdirSync(join(folder, "app", "node_modules"));
  // Of scopes, another member may be a dependency of what runs.
  for (const name of Object.keys(packageJson.devDependencies).filter((one) => !one.startsWith("@"))) expect(packages).not.toContain(name);
  const files = readdirSync(join(folder, "app"), { recursive: true, encoding: "utf8" }).filter((file) => !file.startsWith("node_modules"));
  expect(files.filter((file) => file.endsWith(".test.ts"))).toEqual([]);
});

test("it starts on a file system that cannot be written, as a user without a name, and judges", async () => {
  mkdirSync(join(folder, "work"));
  writeFileSync(
    join(folder, "work", "service.yaml"),
    "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: b}\nspec: {type: NodePort, ports: [{port: 80}]}\n",
  );
  const app = join(folder, "app");
  // A private mount of the folder onto itself, read only; then the user of the image.
  const script = `mount --bind "${app}" "${app}" && mount -o remount,bind,ro "${app}" && ! touch "${app}/x" 2>/dev/null && cd "${join(folder, "work")}" && exec setpriv --reuid=65532 --regid=65532 --clear-groups --no-new-privs --bounding-set=-all "$@"`;
  const inImage = (...args: string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) =>
      execFile("unshare", ["--mount", "sh", "-c", script, "sh", process.execPath, join(app, "src", "main.ts"), ...args], (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      ),
    );
  const mayMount = process.getuid?.() === 0;
  if (!mayMount) {
    process.stderr.write("the image's content was not started on a read-only file system: that takes root\n");
    return;
  }
  execFileSync("chmod", ["-R", "a+rX", folder]);
  const version = await inImage("version");
  expect(version.code, version.stderr).toBe(0);
  expect(version.stdout).toContain("segmentation-baseline");
  expect((await inImage("check", "service.yaml")).stdout).toContain("SEG-EX-002");
  const serve = await inImage("serve", "--config", "nowhere.yaml");
  expect(serve).toMatchObject({ code: 2, stderr: expect.stringContaining("FBR_CONFIG_UNREADABLE") });
});
