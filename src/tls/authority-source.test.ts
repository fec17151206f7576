import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, createServer } from "node:tls";
import { expect, test } from "vitest";
import type { AuthorityState, AuthorityStore } from "../model/certificates.ts";
import { createAuthority, issueLeaf, validity } from "./authority.ts";
import { AuthoritySource } from "./authority-source.ts";
import { FileSource } from "./file-source.ts";

const hour = 3_600_000;

/** What the API server's optimistic concurrency does to replicas. */
function sharedStore(): AuthorityStore & { state: AuthorityState | undefined; saves: number } {
  let version = 0;
  return {
    state: undefined,
    saves: 0,
    async load() {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return this.state && { state: this.state, version: String(version) };
    },
    async save(state, expected) {
      if (expected !== (this.state === undefined ? undefined : String(version))) return false;
      this.state = state;
      this.saves += 1;
      version += 1;
      return true;
    },
  };
}

function source(store: AuthorityStore, clock: { now: number }, isPublished: (caBundle: string) => Promise<boolean> = async () => true) {
  return new AuthoritySource(store, {
    names: ["firebreak.firebreak-system.svc", "127.0.0.1"],
    authorityMillis: 300 * hour,
    leafMillis: 30 * hour,
    publishMillis: hour,
    now: () => new Date(clock.now),
    isPublished,
  });
}

/** Whether a client that trusts `caBundle` accepts the certificate under `name`. */
async function handshake(serving: { certificate: string; key: string }, caBundle: string, servername: string): Promise<boolean> {
  const server = createServer({ cert: serving.certificate, key: serving.key });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const accepted = await new Promise<boolean>((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, ca: caBundle, servername }, () => resolve(true));
    socket.on("error", () => resolve(false));
  });
  server.close();
  return accepted;
}

test("replicas that start at once share one authority", async () => {
  const store = sharedStore();
  const clock = { now: Date.now() };
  const replicas = [1, 2, 3].map(() => source(store, clock));
  await Promise.all(replicas.map((replica) => replica.refresh()));
  expect(new Set(replicas.map((replica) => replica.current().caBundle)).size).toBe(1);
  expect(store.saves).toBe(1);
});

test("the leaf is trusted by its bundle under the Service's name, and not under another", async () => {
  const replica = source(sharedStore(), { now: Date.now() });
  await replica.refresh();
  const serving = replica.current();
  expect(await handshake(serving, serving.caBundle, "firebreak.firebreak-system.svc")).toBe(true);
  expect(await handshake(serving, serving.caBundle, "evil.svc")).toBe(false);
  expect(await handshake(serving, createAuthority(hour, new Date()).certificate, "firebreak.firebreak-system.svc")).toBe(false);
});

test("a leaf is renewed at two thirds of its life, while the authority stays", async () => {
  const clock = { now: Date.now() };
  const replica = source(sharedStore(), clock);
  await replica.refresh();
  const first = replica.current();
  clock.now += 10 * hour;
  expect(await replica.refresh()).toBe(false);
  clock.now += 11 * hour;
  expect(await replica.refresh()).toBe(true);
  expect(replica.current().certificate).not.toBe(first.certificate);
  expect(replica.current().caBundle).toBe(first.caBundle);
});

test("a new authority is published, trusted for a while, and only then used; the old one goes when no leaf of it can live", async () => {
  const store = sharedStore();
  const clock = { now: Date.now() };
  let published = false;
  const replica = source(store, clock, async () => published);
  await replica.refresh();
  const old = replica.current().caBundle;
  clock.now += 201 * hour;
  await replica.refresh();
  expect(replica.current().caBundle).toContain(old);
  const [, next = ""] = replica.current().caBundle.split(/(?<=-----END CERTIFICATE-----\r?\n)/);
  const servedBy = (authority: string) =>
    handshake(replica.current(), authority, "127.0.0.1").then((ok) => ok || handshake(replica.current(), authority, "firebreak.firebreak-system.svc"));
  for (const _ of [1, 2]) {
    clock.now += 2 * hour;
    await replica.refresh();
  }
  expect(store.state?.next, "not published: not used").toBeDefined();
  published = true;
  await replica.refresh();
  expect(store.state?.next, "published a moment ago: not used").toBeDefined();
  clock.now += 2 * hour;
  await replica.refresh();
  expect(store.state?.next).toBeUndefined();
  expect(store.state?.current.certificate).toBe(next);
  expect(replica.current().caBundle).toContain(old);
  expect(validity(replica.current().certificate).notAfter.getTime()).toBeGreaterThan(clock.now);
  expect(await servedBy(old)).toBe(false);
  clock.now += 62 * hour;
  await replica.refresh();
  expect(replica.current().caBundle).not.toContain(old);
});

test("mounted files are served; half an update is not taken", async () => {
  const folder = await mkdtemp(join(tmpdir(), "firebreak-tls-"));
  const authority = createAuthority(hour, new Date());
  const [one, two] = [issueLeaf(authority, ["a"], hour, new Date()), issueLeaf(authority, ["a"], hour, new Date())];
  const write = (file: string, text: string) => writeFile(join(folder, file), text);
  const files = new FileSource(folder);
  expect(() => files.current()).toThrow("no serving certificate");
  await expect(files.refresh()).rejects.toMatchObject({ code: "FBR_CERTIFICATE" });
  await Promise.all([write("tls.crt", one.certificate), write("tls.key", one.key), write("ca.crt", authority.certificate)]);
  expect(await files.refresh()).toBe(true);
  expect(await files.refresh()).toBe(false);
  await write("tls.crt", two.certificate);
  await expect(files.refresh()).rejects.toMatchObject({ code: "FBR_CERTIFICATE" });
  expect(files.current().certificate).toBe(one.certificate);
  await rm(folder, { recursive: true });
});
