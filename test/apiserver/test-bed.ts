import { afterAll, beforeAll, expect } from "vitest";
import { Cluster, type ClusterOptions, type KubectlResult } from "../../tools/cluster/control-plane.ts";
import { type FirebreakOptions, FirebreakProcess, installChart } from "../../tools/cluster/firebreak-process.ts";
import type { Identity } from "../../tools/cluster/identities.ts";
import { NodeStandIn } from "../../tools/cluster/node-stand-in.ts";
import { eventually } from "../../tools/cluster/process.ts";

export interface BedOptions extends ClusterOptions {
  readonly firebreak?: FirebreakOptions | false;
  /** Runs before Firebreak is installed. */
  readonly before?: (bed: TestBed) => Promise<void>;
  /** A test that takes permissions away expects to be forbidden things. */
  readonly mayBeForbidden?: boolean;
}

/** A cluster of its own for a test file, with Firebreak on it. */
export class TestBed {
  cluster!: Cluster;
  node!: NodeStandIn;
  firebreak!: FirebreakProcess;

  kubectl(identity: Identity, args: readonly string[], input?: string): Promise<KubectlResult> {
    return this.cluster.kubectl(identity, args, input);
  }

  /** kubectl as the admin; fails the test where it fails. */
  async admin(args: readonly string[], input?: string): Promise<string> {
    const { code, stdout, stderr } = await this.cluster.kubectl("admin", args, input);
    expect(code, stderr).toBe(0);
    return stdout;
  }

  /** Creates objects as somebody; the manifests may be anything that JSON can say. */
  create(identity: Identity, object: object, ...flags: string[]): Promise<KubectlResult> {
    return this.kubectl(identity, ["create", "-f", "-", ...flags], JSON.stringify(object));
  }

  async tenantNamespace(name: string, labels: Record<string, string> = { "firebreak.dev/tenant": "acme" }): Promise<void> {
    const { code, stderr } = await this.create("platform", { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
    expect(code, stderr).toBe(0);
    await eventually("the default ServiceAccount", () => this.cluster.get(["serviceaccount", "default", "-n", name]));
  }

  get<T = Stored>(...args: string[]): Promise<T | undefined> {
    return this.cluster.get<T>(args);
  }

  async list(...args: string[]): Promise<Stored[]> {
    return (await this.cluster.get<{ items: Stored[] }>(args))?.items ?? [];
  }
}

/** As much of any object as tests look at. */
export interface Stored {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation?: number;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
    readonly deletionTimestamp?: string;
    readonly ownerReferences?: { readonly kind: string; readonly name: string }[];
  };
  // biome-ignore lint/suspicious/noExplicitAny: tests look into every kind of object.
  readonly spec: any;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into every kind of object.
  readonly status: any;
}

/** Sets a bed up for the file that calls it, and fails the file where Firebreak was forbidden something by its own chart. */
export function testBed(options: BedOptions = {}): TestBed {
  const bed = new TestBed();
  beforeAll(async () => {
    bed.cluster = await Cluster.start(options);
    bed.node = await NodeStandIn.start(bed.cluster);
    await options.before?.(bed);
    if (options.firebreak === false) return;
    await installChart(bed.cluster);
    bed.firebreak = await FirebreakProcess.start(bed.cluster, options.firebreak);
  });
  afterAll(async () => {
    const lines = (await bed.firebreak?.lines()) ?? [];
    await bed.firebreak?.stop();
    bed.node?.stop();
    await bed.cluster?.stop();
    const forbidden = lines.filter(({ forbidden }) => forbidden !== undefined);
    if (options.mayBeForbidden !== true) expect(forbidden, "the chart's RBAC lacks something").toEqual([]);
  });
  return bed;
}

/** What rules said of a change, by id. */
export interface Said {
  readonly denied: readonly string[];
  readonly warned: readonly string[];
}

/** The rules that kubectl shows: warnings are lines of their own, everything else is the refusal. */
export function rulesIn(stderr: string): Said {
  const [warnings = [], others = []] = [true, false].map((wanted) => stderr.split("\n").filter((line) => line.startsWith("Warning:") === wanted));
  const ids = (lines: readonly string[]) => [...new Set(lines.flatMap((line) => line.match(/SEG-[A-Z0-9]+-\d{3}/g) ?? []))].sort();
  return { denied: ids(others), warned: ids(warnings) };
}

export function pod(name: string, extra: { labels?: object; spec?: object; metadata?: object } = {}): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: { component: "test", owner: "test", ...extra.labels }, ...extra.metadata },
    spec: { containers: [{ name: "c", image: "registry.example/c:1" }], ...extra.spec },
  };
}

/** A workload of each kind that makes pods, around the same template. */
export function workload(
  kind: "Deployment" | "StatefulSet" | "DaemonSet" | "Job" | "CronJob" | "ReplicaSet",
  name: string,
  extra: { labels?: object; spec?: object } = {},
): object {
  const labels = { app: name, component: "test", owner: "test" };
  const batch = kind === "Job" || kind === "CronJob";
  const podSpec = { containers: [{ name: "c", image: "registry.example/c:1" }], ...(batch ? { restartPolicy: "Never" } : {}), ...extra.spec };
  const template = { metadata: { labels: { ...labels, ...extra.labels } }, spec: podSpec };
  const selector = { matchLabels: { app: name } };
  const spec = {
    Deployment: { replicas: 1, selector, template },
    ReplicaSet: { replicas: 1, selector, template },
    StatefulSet: { replicas: 1, selector, serviceName: name, template },
    DaemonSet: { selector, template },
    Job: { template },
    CronJob: { schedule: "0 0 1 1 *", jobTemplate: { spec: { template } } },
  }[kind];
  return { apiVersion: batch ? "batch/v1" : "apps/v1", kind, metadata: { name }, spec };
}

export function policy(name: string, spec: object): object {
  return { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name }, spec };
}

export const netAdmin = { containers: [{ name: "c", image: "registry.example/c:1", securityContext: { capabilities: { add: ["NET_ADMIN"] } } }] };
