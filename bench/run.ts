/**
 * `npm run bench`: what a review costs beside a bare web server, in one run on pinned cores; what a pod CREATE takes through an
 * API server; what a start takes and holds. `--write` puts the figures into RESULTS.md.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { readBundle } from "../src/guardrails/bundle/bundle.ts";
import { freePort } from "../tools/cluster/process.ts";
import { obtainOpa } from "../tools/obtain/opa.ts";
import { buildPacks } from "../tools/pack/build.ts";
import { measureCluster } from "./cluster.ts";
import { MeasuredServer, type Sample } from "./measured-server.ts";
import { packWithMoreRules } from "./more-rules.ts";
import { measureReachability } from "./reachability.ts";
import { podReview, policyReview, type ReviewCase, sizes } from "./reviews.ts";
import { measureScan } from "./scan-reports.ts";

const root = join(import.meta.dirname, "..");
const quick = process.argv.includes("--quick");
const rounds = quick ? 3 : 7;
const count = quick ? 2000 : 3000;
const connections = 8;

const folder = await mkdtemp(join(tmpdir(), "firebreak-bench-"));
const servers: MeasuredServer[] = [];
try {
  const report = [
    ...(await reviewCosts()),
    ...(await measureScan(quick)),
    ...(await measureReachability(quick)),
    ...(process.argv.includes("--no-cluster") ? [] : await measureCluster(quick)),
  ].join("\n");
  process.stdout.write(`${report}\n`);
  if (process.argv.includes("--write")) await writeFile(join(root, "bench", "RESULTS.md"), `${heading()}\n${report}\n`);
} finally {
  for (const server of servers) server.stop();
  await rm(folder, { recursive: true, force: true });
}

function heading(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return [
    "# Results",
    "",
    "Written by `npm run bench -- --write`. Compare ratios of one run; absolute figures are of one machine on one day.",
    "",
    `- Machine: ${cpu?.model.trim()}, ${cpus().length} cores, ${memory} GiB; Node ${process.versions.node}, Linux. A shared virtual machine.`,
    `- Server and client have a core each (\`taskset\`), ${connections} TLS connections that are kept, ${rounds} rounds of ${count} reviews, servers taking turns.`,
    `- CPU is user and system time of the server process with all of its threads. Figures are medians; "noise" is the spread of the middle half of rounds.`,
    "- Aims: a phase at 1.8 times bare, 3.2 times with 200 more rules of the kind, nothing measurable for rules of other kinds, and a pod CREATE within 4 ms of no webhook. The tables say which are met.",
    `- The Pod has ${sizes.pod} bytes, the NetworkPolicy ${sizes.networkPolicy}; the reviews around them ${podReview.body.length} and ${policyReview.body.length}.`,
    "",
  ].join("\n");
}

interface Contender {
  readonly server: MeasuredServer;
  readonly path: string;
  readonly review: ReviewCase;
  readonly body?: Buffer;
}

async function reviewCosts(): Promise<string[]> {
  const opa = await obtainOpa();
  const [pack = ""] = await buildPacks(root);
  process.stderr.write("compiling packs with 200 more rules\n");
  const [same, other] = await Promise.all([
    packWithMoreRules(folder, "same", 200, "/Pod", opa),
    packWithMoreRules(folder, "other", 200, "/ReplicationController", opa),
  ]);
  const node = (name: string, ...args: string[]) => MeasuredServer.start(name, [process.execPath, ...args], join(folder, `${name.replaceAll(" ", "-")}.log`));
  const bare = await node("bare fastify", join(root, "bench", "servers", "bare.ts"));
  const firebreak = join(root, "bench", "servers", "firebreak.ts");
  const ours = await node("Firebreak", firebreak, pack);
  const withSame = await node("Firebreak, 200 more rules of the kind", firebreak, same);
  const withOther = await node("Firebreak, 200 more rules of another kind", firebreak, other);
  const opaPort = await freePort();
  const opaCommand = [opa, "run", "--server", "--addr", `127.0.0.1:${opaPort}`, "--log-level", "error", "-b", await plainRego(pack)];
  const opaServer = await MeasuredServer.startOn(opaPort, "opa run --server", opaCommand, join(folder, "opa.log"));
  servers.push(bare, ours, withSame, withOther, opaServer);
  const contenders: Contender[] = [
    ...[podReview, policyReview].flatMap((review) => [bare, ours].flatMap((server) => ["/mutate", "/validate"].map((path) => ({ server, path, review })))),
    ...[withSame, withOther].map((server) => ({ server, path: "/validate", review: podReview })),
    { server: opaServer, path: "/v1/data/firebreak/main/answer", review: podReview, body: opaQuestion(podReview) },
  ];
  const samples = new Map<Contender, Sample[]>(contenders.map((contender) => [contender, []]));
  for (let round = 0; round <= rounds; round++) {
    process.stderr.write(`round ${round} of ${rounds}${round === 0 ? " (warming up)" : ""}\n`);
    for (const contender of contenders) {
      const sample = await contender.server.measure(contender.path, contender.body ?? contender.review.body, count, connections);
      if (round > 0) samples.get(contender)?.push(sample);
    }
  }
  const memory = servers.map((server) => `${server.name}: ${Math.round(server.residentMebibytes())} MiB`);
  return table(contenders, samples, memory);
}

/** The sources and data of a bundle, for an OPA that interprets them. */
async function plainRego(bundle: string): Promise<string> {
  const target = join(folder, "rego");
  for (const [path, content] of readBundle(await readFile(bundle))) {
    if (!path.endsWith(".rego") && path !== "data.json") continue;
    await mkdir(dirname(join(target, path)), { recursive: true });
    await writeFile(join(target, path), content);
  }
  return target;
}

/** The rules that Firebreak chooses for a Pod, as OPA is asked for them. */
function opaQuestion({ body }: ReviewCase): Buffer {
  const rules = [
    "op_001",
    "op_002",
    "op_003",
    "op_004",
    "op_005",
    "op_006",
    "op_007",
    "op_009",
    "op_010",
    "op_011",
    "op_012",
    "id_001",
    "id_003",
    "id_005",
    "or_005",
    "l7_001",
    "l7_004",
  ];
  const facts = {
    namespace: { name: "shop", labels: {}, mode: "enforce", terminating: false },
    enclave: false,
    inherited: {},
    protectedKeys: [],
    resolverConfigurations: [],
  };
  return Buffer.from(
    JSON.stringify({
      input: { pack: "segmentation_baseline", review: JSON.parse(body.toString("utf8")), rules: rules.map((rule) => `seg_${rule}`), facts, effect: {} },
    }),
  );
}

function table(contenders: readonly Contender[], samples: ReadonlyMap<Contender, readonly Sample[]>, memory: readonly string[]): string[] {
  const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  const of = (contender: Contender, field: keyof Sample) => (samples.get(contender) ?? []).map((sample) => sample[field]);
  const noise = (values: readonly number[]) => {
    const sorted = [...values].sort((a, b) => a - b);
    const quarter = Math.floor(sorted.length / 4);
    return (((sorted.at(-1 - quarter) ?? 0) - (sorted[quarter] ?? 0)) / median(values)) * 100;
  };
  const baseline = (contender: Contender) =>
    contenders.find(
      ({ server, path, review }) =>
        server.name === "bare fastify" && review === contender.review && (path === contender.path || contender.path.startsWith("/v1")),
    );
  const rows = contenders.map((contender) => {
    const cpu = median(of(contender, "cpuMillis"));
    const base = baseline(contender);
    const ratio = base === undefined ? "" : `${(cpu / median(of(base, "cpuMillis"))).toFixed(2)}`;
    const { server, path, review } = contender;
    return `| ${server.name} | ${path} | ${review.name} | ${cpu.toFixed(3)} | ${ratio} | ${Math.round(median(of(contender, "perSecond")))} | ${median(of(contender, "p50")).toFixed(1)} | ${median(of(contender, "p99")).toFixed(1)} | ${noise(of(contender, "cpuMillis")).toFixed(0)} % |`;
  });
  return [
    "## What a review costs",
    "",
    "CPU milliseconds a review are CPU seconds per 1,000 reviews.",
    "",
    "| server | phase | review | CPU ms | times bare | reviews/s | p50 ms | p99 ms | noise |",
    "|---|---|---|---|---|---|---|---|---|",
    ...rows,
    "",
    `Resident memory after the run: ${memory.join(", ")}.`,
    "",
  ];
}
