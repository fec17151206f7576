import { connect } from "node:tls";
import { expect, test } from "vitest";
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
