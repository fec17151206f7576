import { execFile } from "node:child_process";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { obtain } from "./obtain.ts";
import { pins } from "./pins.ts";

const run = promisify(execFile);

const components = ["etcd", "kube-apiserver", "kube-controller-manager", "kubectl"] as const;
export type Component = (typeof components)[number];

/** A command line that runs a component: `[program, ...first arguments]`. */
export type ControlPlane = Readonly<Record<Component, readonly [string, ...string[]]>>;

/**
 * The pinned control plane: the folder `KUBEBUILDER_ASSETS` where it holds all four programs and the API server's version
 * fits, else one binary that is all four by its first argument.
 */
export async function obtainControlPlane(): Promise<ControlPlane> {
  const assets = process.env["KUBEBUILDER_ASSETS"];
  if (assets !== undefined && (await assetsFit(assets))) return commands((component) => [join(assets, component)]);
  const version = `v${pins.kubernetes}`;
  const [major, minor] = pins.kubernetes.split(".");
  const stamp = "k8s.io/component-base/version";
  const program = await obtain({
    name: "control-plane",
    version: pins.kubernetes,
    candidates: [],
    fits: async () => false,
    module: join(import.meta.dirname, "..", "go", "control-plane"),
    package: ".",
    ldflags: `-s -w -X ${stamp}.gitVersion=${version} -X ${stamp}.gitMajor=${major} -X ${stamp}.gitMinor=${minor}`,
    firstBuild: "about 8 min",
  });
  return commands((component) => [program, component]);
}

function commands(command: (component: Component) => readonly [string, ...string[]]): ControlPlane {
  return Object.fromEntries(components.map((component) => [component, command(component)])) as unknown as ControlPlane;
}

async function assetsFit(folder: string): Promise<boolean> {
  try {
    await Promise.all(components.map((component) => access(join(folder, component))));
    const { stdout } = await run(join(folder, "kube-apiserver"), ["--version"]);
    return stdout.includes(`v${pins.kubernetes.split(".").slice(0, 2).join(".")}.`);
  } catch {
    process.stderr.write(`KUBEBUILDER_ASSETS=${folder} does not hold ${components.join(", ")}: it is not used\n`);
    return false;
  }
}

if (import.meta.main) process.stdout.write(`${(await obtainControlPlane()).kubectl.join(" ")}\n`);
