import { join } from "node:path";
import { ScanFacts } from "../src/cluster/scan/facts.ts";
import { Standing } from "../src/cluster/scan/standing.ts";
import { auditor, scannedKinds } from "../src/compose/audit.ts";
import { GuardrailEngine } from "../src/guardrails/engine.ts";
import { loadPack } from "../src/guardrails/pack.ts";
import { configuredUse } from "../src/guardrails/pack-use.ts";
import { noPermissions } from "../src/model/exemption.ts";
import { defaultLabelKeys } from "../src/model/segmentation-labels.ts";
import { reportOf } from "../src/reports/open-reports.ts";

const objects = 20_000;
/** One object in so many breaks a rule: 5,000 violations. */
const badEvery = 4;
const namespaces = 100;

const kind = { key: "/Service", apiVersion: "v1", kind: "Service", resource: "services", namespaced: true, path: "" };

/** What a scan of a large cluster judges, and what its reports weigh in etcd, beside one report for each object. */
export async function measureScan(quick: boolean): Promise<string[]> {
  const pack = await loadPack(join(import.meta.dirname, "..", "dist", "packs", "segmentation_baseline.tar.gz"));
  const guardrails = new GuardrailEngine([configuredUse(pack)], { workers: 2, evaluationMillis: 1000, maxQueue: 2000, log: () => {} });
  await guardrails.ready();
  if (!scannedKinds(guardrails).includes(kind.key)) throw new Error("Services are not scanned");
  const settings = {
    scheme: { keys: defaultLabelKeys, sources: {}, enclaves: {} },
    excludedNamespaces: new Set<string>(),
    installedAt: new Date(0),
    clusterMode: "observe",
    resolverConfigurations: [],
  } as const;
  const facts = new ScanFacts(
    (name) => ({ name, labels: {}, terminating: false, mode: "observe" }),
    () => [],
  );
  const clock = { now: () => new Date(), micros: () => Math.round(performance.now() * 1000) };
  const judge = auditor({ settings, facts, guardrails, permissions: { current: () => noPermissions }, clock });
  const standing = new Standing();
  const many = quick ? objects / 10 : objects;
  const started = performance.now();
  for (let at = 0; at < many; at += 4) {
    await Promise.all(
      [0, 1, 2, 3].map(async (offset) => {
        const index = at + offset;
        const spec = { type: index % badEvery === 0 ? "NodePort" : "ClusterIP", ports: [{ port: 80, protocol: "TCP" }] };
        const object = {
          apiVersion: "v1",
          kind: "Service",
          metadata: { name: `service-${index}`, namespace: `team-${index % namespaces}`, uid: `u-${index}` },
          spec,
        };
        standing.keep(String(index), object, await judge(object, kind));
      }),
    );
  }
  const millis = performance.now() - started;
  await guardrails.close();
  const places = standing.places();
  const findings = places.flatMap((place) => place.findings).length;
  const bytes = (reports: readonly unknown[]) => reports.reduce((sum: number, report) => sum + Buffer.byteLength(JSON.stringify(report)), 0);
  const grouped = places.flatMap((place) => reportOf(place, "openreports", new Date()) ?? []);
  const each = places.flatMap(({ namespace, findings: own }) =>
    own.map((finding) => reportOf({ namespace, objects: 1, errors: 0, findings: [finding] }, "openreports", new Date())),
  );
  const kib = (number: number) => `${(number / 1024).toFixed(0)} KiB`;
  return [
    "## A scan",
    "",
    `${many} Services in ${namespaces} namespaces, ${findings} findings, default pack, two threads: ${(millis / many).toFixed(2)} ms an object.`,
    "",
    "| reports | objects in etcd | bytes | largest |",
    "|---|---|---|---|",
    `| one a namespace (Firebreak) | ${grouped.length} | ${kib(bytes(grouped))} | ${kib(Math.max(...grouped.map((report) => bytes([report]))))} |`,
    `| one for each object that breaks a rule | ${each.length} | ${kib(bytes(each))} | |`,
    "",
    `That is ${(bytes(each) / bytes(grouped)).toFixed(1)} times fewer bytes, and ${(each.length / grouped.length).toFixed(0)} times fewer objects.`,
    "",
  ];
}
