import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

interface Times {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

interface Measured {
  readonly namespaces: number;
  readonly pods: number;
  readonly policies: number;
  readonly domains: number;
  readonly contracts: number;
  readonly shapes: number;
  readonly buildMillis: number;
  readonly builtMiB: number;
  readonly judgedMiB: number;
  readonly tooBig: number;
  readonly all: Times;
  readonly kinds: Readonly<Record<string, Times>>;
}

/** The model of a large cluster beside one of a tenth of it: what building takes and holds, and what judging a change takes. */
export async function measureReachability(quick: boolean): Promise<string[]> {
  const changes = quick ? 500 : 5000;
  const [small, large] = [await measure(1000, changes), await measure(10_000, changes)];
  const row = (name: string, of: (one: Measured) => number, unit: string) =>
    `| ${name} | ${of(small).toFixed(1)} ${unit} | ${of(large).toFixed(1)} ${unit} | ${(of(large) / of(small)).toFixed(1)} |`;
  const kinds = Object.keys(large.kinds);
  return [
    "## What a change opens",
    "",
    `Two generated clusters: ${small.namespaces} and ${large.namespaces} namespaces, ${small.pods} and ${large.pods} pods, ${small.policies} and ${large.policies} policies, ${large.domains} domains and ${large.contracts} contracts each; ${changes} random changes of every kind, judged with their boundaries, one thread. The one is the baseline of the other. ${small.shapes} and ${large.shapes} different sets of rules select endpoints.`,
    "",
    "Aims: build under 10 s and 1 GB, growing with the cluster at most; p99 under 10 ms, no change over 100 ms, p50 of local changes the same in both.",
    "",
    "| | 1,000 namespaces | 10,000 namespaces | ratio |",
    "| --- | --- | --- | --- |",
    row("build", ({ buildMillis }) => buildMillis, "ms"),
    row("resident memory, built", ({ builtMiB }) => builtMiB, "MiB"),
    row("resident memory, after the changes", ({ judgedMiB }) => judgedMiB, "MiB"),
    ...(["p50", "p99", "max"] as const).map((of) => row(`any change, ${of}`, ({ all }) => all[of], "ms")),
    ...kinds.flatMap((kind) => (["p50", "p99", "max"] as const).map((of) => row(`${kind}, ${of}`, ({ kinds: by }) => by[kind]?.[of] ?? 0, "ms"))),
    "",
    `Given up as too big: ${large.tooBig} of ${large.all.count}.`,
    "",
  ];
}

async function measure(namespaces: number, changes: number): Promise<Measured> {
  process.stderr.write(`judging ${changes} changes of a cluster of ${namespaces} namespaces\n`);
  const script = join(import.meta.dirname, "generated-cluster.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [script, String(namespaces), String(changes)]);
  return JSON.parse(stdout) as Measured;
}
