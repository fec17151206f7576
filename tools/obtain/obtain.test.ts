import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { obtain, type Tool } from "./obtain.ts";

const program = Buffer.from("#!/bin/sh\necho hello\n");
const platform = `${process.platform}-${process.arch}`;
let folder: string;
let server: Server;
let url: string;
let requests = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "firebreak-obtain-"));
  vi.stubEnv("XDG_CACHE_HOME", folder);
  await mkdir(join(folder, "module"));
  await writeFile(join(folder, "module", "go.mod"), "module example.test/hello\n\ngo 1.26.0\n");
  await writeFile(join(folder, "module", "main.go"), 'package main\n\nfunc main() { println("built") }\n');
  server = createServer((_request, response) => {
    requests += 1;
    response.end(program);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as { port: number }).port}/hello`;
});
afterAll(async () => {
  vi.unstubAllEnvs();
  server.close();
  await rm(folder, { recursive: true });
});

function tool(name: string, fields: Partial<Tool> = {}): Tool {
  return {
    name,
    version: "1.0.0",
    candidates: [],
    fits: async () => false,
    module: join(folder, "module"),
    package: ".",
    ldflags: "",
    firstBuild: "a moment",
    ...fields,
  };
}

test("a program whose version fits is taken as it is", async () => {
  expect(await obtain(tool("fits", { candidates: ["/wrong", "/right"], fits: async (path) => path === "/right" }))).toBe("/right");
});

test("an archive with the pinned checksum is downloaded once, also by two at a time", async () => {
  const pinned = { archived: { [platform]: { url, sha256: createHash("sha256").update(program).digest("hex") } } };
  const [one, two] = await Promise.all([obtain(tool("archived"), pinned), obtain(tool("archived"), pinned)]);
  expect(one).toBe(two);
  expect(requests).toBe(1);
});

test("an archive with another checksum is an error, not a reason to build", async () => {
  const pinned = { forged: { [platform]: { url, sha256: "0".repeat(64) } } };
  await expect(obtain(tool("forged"), pinned)).rejects.toMatchObject({ code: "FBR_TOOL_MISSING" });
});

test("where the network does not allow it, the pinned module is built", async () => {
  const pinned = { built: { [platform]: { url: "http://127.0.0.1:1/none", sha256: "1".repeat(64) } } };
  expect(await obtain(tool("built"), pinned)).toContain(join("built", "1.0.0-1111111111111111", "built"));
});

test("what cannot be built says why", async () => {
  await expect(obtain(tool("broken", { package: "./nowhere" }))).rejects.toThrow(/broken 1.0.0 is not there and cannot be built/);
});
