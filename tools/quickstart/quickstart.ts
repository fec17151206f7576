/**
 * `npm run quickstart`: a real control plane on loopback, Firebreak beside it, and a story told with kubectl. It keeps
 * running until Ctrl-C; with `--once` it ends, with 1 where an expectation was not met.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Cluster } from "../cluster/control-plane.ts";
import { FirebreakProcess, installChart } from "../cluster/firebreak-process.ts";
import { NodeStandIn } from "../cluster/node-stand-in.ts";
import { obtainControlPlane } from "../obtain/control-plane.ts";
import { progress } from "../obtain/progress.ts";
import { buildPacks } from "../pack/build.ts";
import { namespace } from "./manifests.ts";
import { paint, say, table } from "./screen.ts";
import { Story } from "./story.ts";

const root = join(import.meta.dirname, "..", "..");
const folder = join(root, ".quickstart");

process.exitCode = await main(process.argv.includes("--once"));

async function main(once: boolean): Promise<number> {
  await Promise.all([obtainControlPlane(), buildPacks(root)]);
  await rm(folder, { recursive: true, force: true });
  const cluster = await during("starting etcd, kube-apiserver and kube-controller-manager", Cluster.start({ folder }));
  let node: NodeStandIn | undefined;
  let firebreak: FirebreakProcess | undefined;
  try {
    node = await NodeStandIn.start(cluster);
    await cluster.apply(namespace("old-shop"));
    // Creation times carry whole seconds: the old namespace must be older than the installation.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await installChart(cluster);
    firebreak = await during("starting Firebreak under its own ServiceAccount, registering its webhooks", FirebreakProcess.start(cluster));
    const story = new Story(cluster, firebreak);
    await story.tell();
    await report(story);
    const met = story.expectations.every((expectation) => expectation.met);
    if (once) return met ? 0 : 1;
    say(`\nThe cluster keeps running (Ctrl-C ends it). Try it as Alice, or as admin:\n`);
    say(`  export KUBECONFIG=${cluster.kubeconfig("alice")}`);
    say(`  export KUBECONFIG=${cluster.kubeconfig("admin")}`);
    say(`\nNo kubectl here? This one fits the cluster:\n\n  alias kubectl='${(await obtainControlPlane()).kubectl.join(" ")}'`);
    await new Promise<void>((resolve) => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
    });
    return met ? 0 : 1;
  } finally {
    await firebreak?.stop();
    node?.stop();
    await cluster.stop();
  }
}

async function report(story: Story): Promise<void> {
  say(paint("bold", "\nThe decision log's lines for the refusals (shortened)"));
  for (const line of await story.refusals()) say(`  ${line}`);
  say(paint("bold", "\nExpectations"));
  table([["met?", "expectation"], ...story.expectations.map(({ what, met }) => [met ? "met" : "NOT MET", what])]);
}

async function during<T>(what: string, work: Promise<T>): Promise<T> {
  const done = progress(what);
  try {
    return await work;
  } finally {
    done();
  }
}
