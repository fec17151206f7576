import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { access, chmod, mkdir, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { FirebreakError, messageOf } from "../../src/model/errors.ts";
import { type Archive, archives } from "./pins.ts";
import { progress } from "./progress.ts";

const run = promisify(execFile);

export interface Tool {
  readonly name: string;
  readonly version: string;
  /** Programs to try first, in order; the first whose version fits is taken. */
  readonly candidates: readonly string[];
  readonly fits: (program: string) => Promise<boolean>;
  /** The folder of the pinned Go module, and what to build in it. */
  readonly module: string;
  readonly package: string;
  readonly ldflags: string;
  /** A rough idea of the time that a first build takes, for whoever waits. */
  readonly firstBuild: string;
}

/**
 * The path of a tool, obtained in the order of `README.md` beside this file.
 *
 * @throws FirebreakError FBR_TOOL_MISSING where it can be had in no way.
 */
export async function obtain(tool: Tool, known = archives): Promise<string> {
  for (const candidate of tool.candidates) {
    if (await tool.fits(candidate).catch(() => false)) return candidate;
  }
  const archive = known[tool.name]?.[`${process.platform}-${process.arch}`];
  const key = archive?.sha256 ?? (await moduleDigest(tool));
  const folder = join(cacheFolder(), tool.name, `${tool.version}-${key.slice(0, 16)}`);
  const program = join(folder, tool.name);
  if (await exists(program)) return program;
  await mkdir(folder, { recursive: true });
  return withLock(`${folder}.lock`, async () => {
    if (await exists(program)) return program;
    const fresh = `${program}.${process.pid}`;
    if (archive === undefined || !(await download(archive, fresh, tool))) await build(tool, fresh);
    await rename(fresh, program);
    return program;
  });
}

export function cacheFolder(): string {
  return join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "firebreak");
}

/** What a build is made of: another pin, or another source, is another folder in the cache. */
async function moduleDigest(tool: Tool): Promise<string> {
  const hash = createHash("sha256").update(tool.ldflags);
  for (const file of ["go.mod", "go.sum", "main.go"]) {
    hash.update(await readFile(join(tool.module, file)).catch(() => Buffer.alloc(0)));
  }
  return hash.digest("hex");
}

async function build(tool: Tool, out: string): Promise<void> {
  const done = progress(`building ${tool.name} ${tool.version} (once; ${tool.firstBuild} on two cores)`);
  try {
    await go(["build", "-trimpath", "-ldflags", tool.ldflags, "-o", out, tool.package], tool.module);
  } catch (cause) {
    throw new FirebreakError("FBR_TOOL_MISSING", `${tool.name} ${tool.version} is not there and cannot be built: ${messageOf(cause)}`, { cause });
  } finally {
    done();
  }
}

function go(args: string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("go", args, { cwd, stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, CGO_ENABLED: "0" } });
    let errors = "";
    child.stderr.on("data", (text) => {
      errors = (errors + text).slice(-2000);
    });
    child.on("error", (cause) => reject(new Error(`Go is needed to build it: ${cause.message}`)));
    child.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`go ${args[0]} ended with ${code}: ${errors}`))));
  });
}

/** Whether the archive was there; a wrong checksum is an error, no reason to build. */
async function download({ url, sha256, member }: Archive, out: string, tool: Tool): Promise<boolean> {
  const done = progress(`downloading ${tool.name} ${tool.version}`);
  const response = await fetch(url, { signal: AbortSignal.timeout(120_000) }).catch(() => undefined);
  const bytes = response?.ok ? Buffer.from(await response.arrayBuffer()) : undefined;
  done();
  if (bytes === undefined) return false;
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found !== sha256) throw new FirebreakError("FBR_TOOL_MISSING", `${url} has the checksum ${found}, pinned is ${sha256}`);
  if (member === undefined) await writeFile(out, bytes);
  else {
    const archive = `${out}.tar.gz`;
    await writeFile(archive, bytes);
    const { stdout } = await run("tar", ["-xzOf", archive, member], { encoding: "buffer", maxBuffer: 512 * 1024 * 1024 });
    await writeFile(out, stdout);
    await rm(archive);
  }
  await chmod(out, 0o755);
  return true;
}

/** One builder at a time, also across processes; the lock of a process that died is taken over. */
async function withLock<T>(path: string, action: () => Promise<T>): Promise<T> {
  for (;;) {
    const handle = await open(path, "wx").catch(() => undefined);
    if (handle !== undefined) {
      await handle.writeFile(String(process.pid));
      await handle.close();
      try {
        return await action();
      } finally {
        await rm(path, { force: true });
      }
    }
    if (await isStale(path)) await rm(path, { force: true });
    else await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function isStale(path: string): Promise<boolean> {
  const pid = Number(await readFile(path, "utf8").catch(() => "0"));
  if (pid === 0) return Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now()) > 10_000;
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
