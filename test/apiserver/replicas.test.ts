import { connect } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FirebreakProcess, installChart, registered } from "../../tools/cluster/firebreak-process.ts";
import { eventually } from "../../tools/cluster/process.ts";
import { netAdmin, pod, testBed } from "./test-bed.ts";

const bed = testBed({ firebreak: false });
let replicas: FirebreakProcess[];

beforeAll(async () => {
  await installChart(bed.cluster);
  replicas = await Promise.all(["one", "two", "three"].map((name) => FirebreakProcess.start(bed.cluster, { name, unregistered: true })));
  await registered(bed.cluster);
});
afterAll(() => Promise.all(replicas.map((replica) => replica.stop())));

function issuerOf({ port }: FirebreakProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().issuer.CN));
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

async function leads({ metricsPort }: FirebreakProcess): Promise<boolean> {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  return /^firebreak_leader 1$/m.test(text);
}

test("replicas that start at once share one authority and elect one leader", async () => {
  expect(new Set(await Promise.all(replicas.map(issuerOf))).size).toBe(1);
  expect((await Promise.all(replicas.map(leads))).filter(Boolean)).toHaveLength(1);
  for (const replica of replicas) expect((await replica.lines()).filter(({ forbidden }) => forbidden !== undefined)).toEqual([]);
});

test("when the leader dies another one takes over, and the API server calls it", async () => {
  await bed.tenantNamespace("handover");
  const leading = await Promise.all(replicas.map(leads));
  const [leader] = replicas.filter((_, index) => leading[index]);
  await leader?.stop("SIGKILL");
  await eventually(
    "another leader",
    async () => ((await Promise.all(replicas.filter((replica) => replica !== leader).map(leads))).some(Boolean) ? true : undefined),
    40,
  );
  await eventually("a verdict", async () =>
    (await bed.create("alice", pod("bad", { spec: netAdmin }), "-n", "handover")).stderr.includes("[SEG-OP-003]") ? true : undefined,
  );
  await bed.tenantNamespace("handed-over");
  const good = await bed.create("alice", pod("good"), "-n", "handed-over");
  expect(good.code, good.stderr).toBe(0);
});

test("metrics tell decisions by rule and action, durations and the age of copies", async () => {
  const [survivor] = (await Promise.all(replicas.map(async (replica) => ((await leads(replica).catch(() => false)) ? replica : undefined)))).filter(
    (replica) => replica !== undefined,
  );
  const text = await (await fetch(`http://127.0.0.1:${survivor?.metricsPort}/metrics`)).text();
  expect(text).toMatch(/firebreak_violations_total\{rule="SEG-OP-003",action="deny"\} [1-9]/);
  expect(text).toMatch(/firebreak_review_duration_seconds_bucket\{le="0.1",phase="validating"\} [1-9]/);
  expect(text).toMatch(/firebreak_evaluation_duration_seconds_count [1-9]/);
  expect(text).toMatch(/firebreak_cache_age_seconds\{cache="namespaces"\} \d/);
});
