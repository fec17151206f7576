import { execFile } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAuthority, issueLeaf } from "../../src/tls/authority.ts";
import { type ControlPlane, obtainControlPlane } from "../obtain/control-plane.ts";
import { type Identity, identities, rbac } from "./identities.ts";
import { eventually, freePort, type Running, start } from "./process.ts";

export interface ClusterOptions {
  /** Where everything is kept; a temporary folder that is removed at the end where it is not given. */
  readonly folder?: string;
  readonly apiServerFlags?: readonly string[];
}

export interface KubectlResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Ports {
  readonly etcd: number;
  readonly peer: number;
  readonly api: number;
  readonly controllers: number;
}

const day = 24 * 3_600_000;

/** A real control plane on loopback: etcd, kube-apiserver with RBAC and an audit log, kube-controller-manager, and kubectl. */
export class Cluster {
  readonly folder: string;
  readonly server: string;
  readonly #programs: ControlPlane;
  readonly #options: ClusterOptions;
  readonly #tokens = new Map<string, string>();
  readonly #ports: Ports;
  readonly #ca: string;
  #running: Running[] = [];

  private constructor(programs: ControlPlane, options: ClusterOptions, folder: string, ports: Ports, ca: string) {
    this.#programs = programs;
    this.#options = options;
    this.folder = folder;
    this.#ports = ports;
    this.#ca = ca;
    this.server = `https://127.0.0.1:${ports.api}`;
  }

  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const programs = await obtainControlPlane();
    const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "firebreak-cluster-")));
    await mkdir(folder, { recursive: true });
    const [etcd, peer, api, controllers] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
    const authority = createAuthority(day, new Date());
    const leaf = issueLeaf(authority, ["127.0.0.1", "localhost", "kubernetes.default.svc"], day, new Date());
    const cluster = new Cluster(programs, options, folder, { etcd, peer, api, controllers }, authority.certificate);
    await cluster.#writeFiles(authority.certificate, leaf);
    await cluster.#startEtcd();
    await cluster.startApiServer();
    await cluster.#startControllers();
    await cluster.apply(rbac);
    await eventually("the default ServiceAccounts", async () =>
      (await cluster.kubectl("admin", ["get", "serviceaccount", "default", "-n", "default"])).code === 0 ? true : undefined,
    );
    return cluster;
  }

  path(file: string): string {
    return join(this.folder, file);
  }

  kubeconfig(identity: Identity): string {
    return this.path(`${identity}.kubeconfig`);
  }

  /** Runs kubectl as somebody. */
  kubectl(identity: Identity, args: readonly string[], input?: string): Promise<KubectlResult> {
    const [program, ...first] = this.#programs.kubectl;
    return new Promise((resolve) => {
      const child = execFile(
        program,
        [...first, ...args],
        { env: { ...process.env, KUBECONFIG: this.kubeconfig(identity), HOME: this.folder }, maxBuffer: 256 * 1024 * 1024 },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
          resolve({ code, stdout, stderr });
        },
      );
      child.stdin?.on("error", () => {});
      child.stdin?.end(input ?? "");
    });
  }

  /** Applies manifests as the admin; throws where kubectl fails. */
  async apply(manifests: string): Promise<void> {
    const result = await this.kubectl("admin", ["apply", "--server-side", "--force-conflicts", "-f", "-"], manifests);
    if (result.code !== 0) throw new Error(result.stderr);
  }

  /** What `kubectl get -o json` answers; undefined where it is not there. */
  async get<T>(args: readonly string[]): Promise<T | undefined> {
    const result = await this.kubectl("admin", ["get", ...args, "-o", "json"]);
    if (result.code === 0) return JSON.parse(result.stdout) as T;
    if (result.stderr.includes("NotFound")) return undefined;
    throw new Error(result.stderr);
  }

  /** A kubeconfig for a ServiceAccount, with a token that the API server issued. */
  async addServiceAccount(identity: "gitops" | "firebreak", namespace: string, name: string): Promise<void> {
    const { code, stdout, stderr } = await this.kubectl("admin", ["create", "token", name, "-n", namespace, "--duration=24h"]);
    if (code !== 0) throw new Error(stderr);
    await this.#writeKubeconfig(identity, stdout.trim());
  }

  async startApiServer(): Promise<void> {
    const { api, etcd } = this.#ports;
    await this.#start("kube-apiserver", [
      `--etcd-servers=http://127.0.0.1:${etcd}`,
      "--bind-address=127.0.0.1",
      "--advertise-address=192.0.2.1",
      `--secure-port=${api}`,
      `--tls-cert-file=${this.path("api.crt")}`,
      `--tls-private-key-file=${this.path("api.key")}`,
      `--token-auth-file=${this.path("tokens.csv")}`,
      "--authorization-mode=RBAC",
      "--service-account-issuer=https://kubernetes.default.svc",
      `--service-account-key-file=${this.path("sa.key")}`,
      `--service-account-signing-key-file=${this.path("sa.key")}`,
      "--service-cluster-ip-range=10.96.0.0/16",
      `--audit-policy-file=${this.path("audit-policy.yaml")}`,
      `--audit-log-path=${this.path("audit.log")}`,
      "--allow-privileged=true",
      "--profiling=false",
      ...(this.#options.apiServerFlags ?? []),
    ]);
    await eventually("a ready kube-apiserver", () => this.#isReady(), 90).catch(async (thrown) => {
      const logs = await Promise.all(["etcd", "kube-apiserver"].map((component) => readFile(this.path(`${component}.log`), "utf8").catch(() => "")));
      throw new Error(`the API server did not start:\n${logs.map((log) => log.slice(-2000)).join("\n---\n")}`, { cause: thrown });
    });
  }

  async stopApiServer(signal?: NodeJS.Signals): Promise<void> {
    const server = this.#running.find(({ name }) => name === "kube-apiserver");
    this.#running = this.#running.filter((running) => running !== server);
    await server?.stop(signal);
  }

  async stop(): Promise<void> {
    for (const running of this.#running.splice(0).reverse()) await running.stop(running.name === "kube-controller-manager" ? "SIGKILL" : "SIGTERM");
    if (this.#options.folder === undefined) await rm(this.folder, { recursive: true, force: true });
  }

  #startEtcd(): Promise<void> {
    const { etcd, peer } = this.#ports;
    return this.#start("etcd", [
      `--data-dir=${this.path("etcd")}`,
      `--listen-client-urls=http://127.0.0.1:${etcd}`,
      `--advertise-client-urls=http://127.0.0.1:${etcd}`,
      `--listen-peer-urls=http://127.0.0.1:${peer}`,
      `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
      `--initial-cluster=default=http://127.0.0.1:${peer}`,
      "--unsafe-no-fsync=true",
      "--log-level=warn",
    ]);
  }

  #startControllers(): Promise<void> {
    return this.#start("kube-controller-manager", [
      `--kubeconfig=${this.kubeconfig("controllers")}`,
      "--bind-address=127.0.0.1",
      `--secure-port=${this.#ports.controllers}`,
      `--cert-dir=${this.path("controllers")}`,
      "--use-service-account-credentials=true",
      `--service-account-private-key-file=${this.path("sa.key")}`,
      `--root-ca-file=${this.path("ca.crt")}`,
      "--leader-elect=false",
      "--controllers=*,-nodeipam,-node-route-controller,-cloud-node-lifecycle-controller,-service-lb-controller",
    ]);
  }

  async #start(component: "etcd" | "kube-apiserver" | "kube-controller-manager", flags: string[]): Promise<void> {
    this.#running.push(start(component, [...this.#programs[component], ...flags], this.path(`${component}.log`)));
  }

  async #writeFiles(ca: string, leaf: { certificate: string; key: string }): Promise<void> {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const rows = Object.entries(identities).map(([identity, { user, groups }]) => {
      const token = randomBytes(24).toString("hex");
      this.#tokens.set(identity, token);
      return `${token},${user},${user},"${groups.join(",")}"`;
    });
    const files: Record<string, string> = {
      "ca.crt": ca,
      "api.crt": leaf.certificate,
      "api.key": leaf.key,
      "sa.key": privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      "tokens.csv": `${rows.join("\n")}\n`,
      "audit-policy.yaml": JSON.stringify({
        apiVersion: "audit.k8s.io/v1",
        kind: "Policy",
        omitStages: ["RequestReceived"],
        rules: [{ level: "None", verbs: ["get", "list", "watch"] }, { level: "Metadata" }],
      }),
    };
    for (const [file, content] of Object.entries(files)) await writeFile(this.path(file), content, { mode: 0o600 });
    for (const [identity, token] of this.#tokens) await this.#writeKubeconfig(identity as Identity, token);
  }

  #writeKubeconfig(identity: Identity, token: string): Promise<void> {
    const config = {
      apiVersion: "v1",
      kind: "Config",
      "current-context": "loopback",
      clusters: [{ name: "loopback", cluster: { server: this.server, "certificate-authority-data": Buffer.from(this.#ca).toString("base64") } }],
      users: [{ name: identity, user: { token } }],
      contexts: [{ name: "loopback", context: { cluster: "loopback", user: identity } }],
    };
    return writeFile(this.kubeconfig(identity), JSON.stringify(config, null, 2), { mode: 0o600 });
  }

  #isReady(): Promise<true | undefined> {
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${this.#tokens.get("admin")}` };
      get(`${this.server}/readyz`, { ca: this.#ca, headers, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode === 200 ? true : undefined);
      }).on("error", reject);
    });
  }
}
