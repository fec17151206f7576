import { ApiClient, isStatus } from "../../src/cluster/api-client.ts";
import { credentials } from "../../src/cluster/credentials.ts";
import { Reflector } from "../../src/cluster/reflector.ts";
import { messageOf } from "../../src/model/errors.ts";
import type { KubernetesObject } from "../../src/model/kubernetes.ts";
import type { Cluster } from "./control-plane.ts";
import { eventually } from "./process.ts";

interface Pod extends KubernetesObject {
  readonly spec?: {
    readonly nodeName?: string;
    readonly restartPolicy?: string;
    readonly containers?: readonly { readonly name: string; readonly image: string }[];
  };
  readonly status?: { readonly phase?: string };
}

const nodeName = "stand-in";

/**
 * What a scheduler, a kubelet and a container runtime would do to pods, without running any: binds them to one Node, sets
 * them Running and Ready, lets those of Jobs succeed, and removes them once their deletion was asked for. A pod labelled
 * `stand-in/hold` keeps running.
 */
export class NodeStandIn {
  readonly #api: ApiClient;
  readonly #pods: Reflector<Pod>;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #busy = new Set<string>();
  readonly #problems: string[] = [];
  /** What the containers of a pod that ends do: its exit code. Without it they all end well at once. */
  run: (pod: { readonly namespace: string; readonly name: string }) => Promise<number> = async () => 0;

  constructor(cluster: Cluster) {
    this.#api = new ApiClient(credentials(cluster.kubeconfig("nodes")), () => {});
    this.#pods = new Reflector<Pod>({
      api: this.#api,
      name: "pods",
      path: "/api/v1/pods",
      project: (pod) => pod as Pod,
      onChange: (key) => void this.#act(key),
      log: () => {},
    });
  }

  static async start(cluster: Cluster): Promise<NodeStandIn> {
    const node = new NodeStandIn(cluster);
    await node.#register();
    node.#pods.start();
    await node.#pods.synced;
    // What failed once (a conflict, a busy API server) is done at the next turn.
    node.#timers.push(setInterval(() => node.#pods.entries().forEach(([key]) => void node.#act(key)), 500));
    return node;
  }

  /** What could not be done, for a test that wonders. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#pods.stop();
    this.#api.close();
  }

  async #register(): Promise<void> {
    const node = { apiVersion: "v1", kind: "Node", metadata: { name: nodeName } };
    await this.#api.call("POST", "/api/v1/nodes", { body: node }).catch(ignore(409));
    await this.#merge(`/api/v1/nodes/${nodeName}`, { spec: { taints: null } });
    const heartbeat = async () => {
      const now = new Date().toISOString();
      const capacity = { cpu: "64", memory: "256Gi", pods: "10000" };
      const ready = {
        type: "Ready",
        status: "True",
        reason: "StandIn",
        message: "",
        lastHeartbeatTime: now.replace(/\.\d+/, ""),
        lastTransitionTime: now.replace(/\.\d+/, ""),
      };
      await this.#merge(`/api/v1/nodes/${nodeName}/status`, { status: { capacity, allocatable: capacity, conditions: [ready] } });
      const lease = {
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        metadata: { name: nodeName, namespace: "kube-node-lease" },
        spec: { holderIdentity: nodeName, leaseDurationSeconds: 40, renewTime: now.replace("Z", "000Z") },
      };
      await this.#api.apply(`/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${nodeName}`, lease);
    };
    await eventually("the node's heartbeat", () => heartbeat().then(() => true));
    this.#timers.push(setInterval(() => void heartbeat().catch(() => {}), 10_000));
  }

  async #act(key: string): Promise<void> {
    const pod = this.#pods.get(key);
    if (pod === undefined || this.#busy.has(key)) return;
    this.#busy.add(key);
    try {
      await this.#advance(pod, `/api/v1/namespaces/${pod.metadata?.namespace}/pods/${pod.metadata?.name}`);
    } catch (thrown) {
      if (!isStatus(thrown, 404, 409, 0, 429)) this.#problems.push(messageOf(thrown));
    } finally {
      this.#busy.delete(key);
    }
  }

  async #advance({ metadata, spec, status }: Pod, path: string): Promise<void> {
    if (metadata?.deletionTimestamp !== undefined) {
      await this.#api.call("DELETE", path, { body: { apiVersion: "v1", kind: "DeleteOptions", gracePeriodSeconds: 0, preconditions: { uid: metadata.uid } } });
    } else if (spec?.nodeName === undefined) {
      await this.#api.call("POST", `${path}/binding`, {
        body: { apiVersion: "v1", kind: "Binding", metadata: { name: metadata?.name }, target: { apiVersion: "v1", kind: "Node", name: nodeName } },
      });
    } else if (status?.phase === "Pending") {
      await this.#merge(`${path}/status`, { status: this.#running(spec) });
    } else if (status?.phase === "Running" && spec.restartPolicy !== "Always" && metadata?.labels?.["stand-in/hold"] === undefined) {
      const exitCode = await this.run({ namespace: metadata?.namespace ?? "", name: metadata?.name ?? "" });
      const terminated = { exitCode, reason: exitCode === 0 ? "Completed" : "Error" };
      const containerStatuses = (spec.containers ?? []).map(({ name, image }) => ({
        name,
        image,
        imageID: image,
        ready: false,
        restartCount: 0,
        state: { terminated },
      }));
      await this.#merge(`${path}/status`, { status: { phase: exitCode === 0 ? "Succeeded" : "Failed", containerStatuses } });
    }
  }

  #running(spec: NonNullable<Pod["spec"]>) {
    const now = new Date().toISOString().replace(/\.\d+/, "");
    const condition = (type: string) => ({ type, status: "True", lastTransitionTime: now });
    const containerStatuses = (spec.containers ?? []).map(({ name, image }) => ({
      name,
      image,
      imageID: image,
      ready: true,
      restartCount: 0,
      started: true,
      state: { running: { startedAt: now } },
    }));
    return {
      phase: "Running",
      startTime: now,
      podIP: "10.244.0.9",
      podIPs: [{ ip: "10.244.0.9" }],
      conditions: ["PodScheduled", "Initialized", "ContainersReady", "Ready"].map(condition),
      containerStatuses,
    };
  }

  #merge(path: string, body: object): Promise<unknown> {
    return this.#api.call("PATCH", path, { body, contentType: "application/merge-patch+json" });
  }
}

function ignore(...statuses: number[]) {
  return (thrown: unknown) => {
    if (!isStatus(thrown, ...statuses)) throw thrown;
  };
}
