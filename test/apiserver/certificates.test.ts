import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "node:tls";
import { expect, test } from "vitest";
import { createAuthority, issueLeaf } from "../../src/tls/authority.ts";
import { FirebreakProcess } from "../../tools/cluster/firebreak-process.ts";
import { eventually } from "../../tools/cluster/process.ts";
import { size } from "../size.ts";
import { netAdmin, pod, testBed } from "./test-bed.ts";

/** An authority that is due after 12 s, leaves that are due after 4 s: a test sees several lives of both. */
const bed = testBed({ firebreak: { configuration: { tls: { authorityMillis: 18_000, leafMillis: 6000, publishMillis: 2000, refreshMillis: 500 } } } });

function servedCertificate(): Promise<{ serial: string; issuer: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port: bed.firebreak.port, rejectUnauthorized: false }, () => {
      const { serialNumber, issuer } = socket.getPeerCertificate();
      socket.destroy();
      resolve({ serial: serialNumber, issuer: String(issuer.CN) });
    });
    socket.on("error", reject);
  });
}

test("leaf and authority are renewed under load without a failed call", async () => {
  await bed.tenantNamespace("load");
  const first = await servedCertificate();
  const issuers = new Set([first.issuer]);
  const serials = new Set([first.serial]);
  const failures: string[] = [];
  const end = Date.now() + size(30_000, 90_000);
  let calls = 0;
  const worker = async (index: number) => {
    for (let turn = 0; Date.now() < end; turn += 1) {
      const good = await bed.create("alice", pod(`p-${index}-${turn}`), "-n", "load", "--dry-run=server");
      const bad = await bed.create("alice", pod(`b-${index}-${turn}`, { spec: netAdmin }), "-n", "load", "--dry-run=server");
      calls += 2;
      if (good.code !== 0) failures.push(good.stderr);
      if (!bad.stderr.includes("[SEG-OP-003]")) failures.push(bad.stderr);
      const served = await servedCertificate();
      issuers.add(served.issuer);
      serials.add(served.serial);
    }
  };
  await Promise.all([0, 1].map(worker));
  expect(failures).toEqual([]);
  expect(calls).toBeGreaterThan(20);
  expect(issuers.size, "authorities that served").toBeGreaterThan(1);
  expect(serials.size, "leaves that served").toBeGreaterThan(3);
});

test("a mounted pair serves instead, and is taken up when the mount changes", async () => {
  const folder = bed.cluster.path("mounted");
  await mkdir(folder);
  const mount = async () => {
    const authority = createAuthority(3_600_000, new Date());
    const leaf = issueLeaf(authority, ["127.0.0.1"], 3_600_000, new Date());
    await Promise.all([
      writeFile(join(folder, "tls.crt"), leaf.certificate),
      writeFile(join(folder, "tls.key"), leaf.key),
      writeFile(join(folder, "ca.crt"), authority.certificate),
    ]);
  };
  await mount();
  const silent = connect({ host: "127.0.0.1", port: bed.firebreak.port, rejectUnauthorized: false });
  silent.on("error", () => {});
  await new Promise((resolve) => silent.once("secureConnect", resolve));
  await bed.firebreak.stop();
  expect(bed.firebreak.exitCode, "a connection that says nothing holds no replica").toBe(0);
  bed.firebreak = await FirebreakProcess.start(bed.cluster, { name: "mounted", configuration: { tls: { source: "files", folder, refreshMillis: 500 } } });
  await bed.tenantNamespace("mounted");
  const verdict = async () => (await bed.create("alice", pod("bad", { spec: netAdmin }), "-n", "mounted", "--dry-run=server")).stderr;
  expect(await verdict()).toContain("[SEG-OP-003]");
  const before = await servedCertificate();
  await mount();
  await eventually("the new pair", async () => ((await servedCertificate()).serial !== before.serial ? true : undefined));
  await eventually("a verdict", async () => ((await verdict()).includes("[SEG-OP-003]") ? true : undefined));
});
