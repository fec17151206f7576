import type { AdmissionSettings } from "../admission/admission.ts";
import type { Clock, ModelSource } from "../admission/ports.ts";
import type { ApiClient } from "../cluster/api-client.ts";
import type { Events } from "../cluster/events.ts";
import type { ClusterPermissions } from "../cluster/permissions.ts";
import { Reflector } from "../cluster/reflector.ts";
import { ScanFacts } from "../cluster/scan/facts.ts";
import { ReportStore } from "../cluster/scan/report-store.ts";
import { Scanner } from "../cluster/scan/scanner.ts";
import type { Configuration } from "../config/configuration.ts";
import type { GuardrailEngine } from "../guardrails/engine.ts";
import { messageOf } from "../model/errors.ts";
import type { NamespaceFacts } from "../model/facts.ts";
import type { KubernetesObject, NetworkPolicy } from "../model/kubernetes.ts";
import { type ScanFinding, type ScannedPlace, scanResultOf } from "../model/scan.ts";
import { reportFormats, reportOf } from "../reports/open-reports.ts";
import { auditor, scannedKinds } from "./audit.ts";
import { amissExemptions, permissionPolicy } from "./permissions.ts";

interface ScanAssemblyOptions {
  readonly configuration: Configuration;
  readonly settings: AdmissionSettings;
  readonly api: ApiClient;
  readonly guardrails: GuardrailEngine;
  readonly permissions: ClusterPermissions;
  readonly model: ModelSource;
  readonly namespace: (name: string) => NamespaceFacts | undefined;
  readonly clock: Clock;
  readonly events: Events;
  readonly log: (message: string, fields: object) => void;
  /** Told what stands after each change: for metrics. */
  readonly onScanned: (places: readonly ScannedPlace[]) => void;
}

/** The scan of what stands, wired: on the leader, continuously by watch, and in full once an hour or when the packs change. */
export class ScanAssembly {
  readonly #options: ScanAssemblyOptions;
  readonly #scanner: Scanner;
  readonly #reports: ReportStore;
  readonly #policies: Reflector<NetworkPolicy>;
  /** Namespaces whose policies changed: what holds for a namespace depends on them. */
  readonly #shaken = new Set<string>();
  #flushTimer: NodeJS.Timeout | undefined;
  #fullTimer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;
  #scanning: Promise<void> | undefined;
  #again = false;
  #following = false;
  #written: boolean | undefined;

  constructor(options: ScanAssemblyOptions) {
    this.#options = options;
    const { api, configuration, settings, guardrails, permissions, model, clock, log } = options;
    this.#reports = new ReportStore(api, reportFormats[configuration.scan.reports === "none" ? "openreports" : configuration.scan.reports], log);
    this.#policies = new Reflector({
      api,
      name: "scanned-policies",
      path: "/apis/networking.k8s.io/v1/networkpolicies",
      project: ({ metadata, ...rest }: KubernetesObject & { spec?: unknown }) =>
        ({ metadata: { name: metadata?.name ?? "", namespace: metadata?.namespace ?? "" }, ...(rest.spec ? { spec: rest.spec } : {}) }) as NetworkPolicy,
      onChange: (key) => this.#shaken.add(key.split("/")[0] ?? ""),
      log,
    });
    const policies = (namespace: string) => this.#policies.values().filter(({ metadata }) => metadata?.namespace === namespace);
    const facts = new ScanFacts(options.namespace, policies);
    const judge = auditor({ settings, facts, guardrails, permissions, clock, model });
    this.#scanner = new Scanner({ api, kinds: () => scannedKinds(guardrails), judge, log });
  }

  /** Begins where this replica leads. */
  lead(leading: boolean): void {
    if (!this.#options.configuration.scan.enabled) return;
    if (leading && !this.#following) this.#start();
    if (!leading && this.#following) this.stop();
  }

  /** Has everything scanned again shortly: rules, exemptions or a broken glass changed. */
  scanSoon(): void {
    if (!this.#following) return;
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => void this.#scan(), this.#options.configuration.scan.settleMillis).unref();
  }

  stop(): void {
    this.#following = false;
    this.#scanner.stop();
    this.#policies.stop();
    clearInterval(this.#flushTimer);
    clearInterval(this.#fullTimer);
    clearTimeout(this.#soon);
  }

  #start(): void {
    const { fullMillis, flushMillis } = this.#options.configuration.scan;
    this.#following = true;
    this.#policies.start();
    void this.#policies.synced.then(() => this.#scan());
    this.#flushTimer = setInterval(() => void this.#flush(), flushMillis).unref();
    this.#fullTimer = setInterval(() => void this.#scan(), fullMillis).unref();
  }

  /** One at a time; what asks for another meanwhile gets one afterwards. */
  #scan(): Promise<void> {
    this.#again = true;
    this.#scanning ??= this.#scanWhileAsked().finally(() => {
      this.#scanning = undefined;
    });
    return this.#scanning;
  }

  async #scanWhileAsked(): Promise<void> {
    while (this.#again && this.#following) {
      this.#again = false;
      const started = performance.now();
      try {
        const { objects, unread } = await this.#scanner.follow();
        const places = this.#scanner.standing.places();
        this.#options.log("everything was scanned", { objects, unread, millis: Math.round(performance.now() - started), ...countsOf(places) });
        await this.#flush();
        if (await this.#writes())
          await this.#reports.keepOnly(new Set(places.filter((place) => place.findings.length + place.errors > 0).map(({ namespace }) => namespace)));
      } catch (thrown) {
        this.#options.log("the scan failed and is tried again", { error: messageOf(thrown) });
        this.scanSoon();
      }
    }
  }

  async #flush(): Promise<void> {
    const { clock, onScanned, log } = this.#options;
    try {
      await this.#lookAtShaken();
      this.#scanner.standing.keepFindings("exemptions", this.#amissExemptions());
      const changed = this.#scanner.standing.takeChanged();
      if (changed.length === 0) return;
      onScanned(this.#scanner.standing.places());
      const writes = await this.#writes();
      for (const place of changed) {
        if (writes) await this.#reports.put(place.namespace, reportOf(place, this.#format, clock.now()));
        await this.#tell(place);
      }
    } catch (thrown) {
      log("what the scan found was not written", { error: messageOf(thrown) });
    }
  }

  async #lookAtShaken(): Promise<void> {
    const shaken = [...this.#shaken];
    this.#shaken.clear();
    const kind = { key: "/Namespace", apiVersion: "v1", kind: "Namespace", resource: "namespaces", namespaced: false, path: "/api/v1/namespaces" };
    if (!scannedKinds(this.#options.guardrails).includes(kind.key)) return;
    for (const name of shaken) {
      const namespace = await this.#options.api.get<KubernetesObject>(`/api/v1/namespaces/${name}`).catch(() => undefined);
      if (namespace !== undefined) await this.#scanner.look({ ...namespace, apiVersion: "v1", kind: "Namespace" }, kind);
    }
  }

  #amissExemptions(): ScanFinding[] {
    const { permissions, guardrails, configuration, namespace, clock } = this.#options;
    return amissExemptions(permissions.exemptions.values(), {
      permissions: permissions.current(),
      guardrails,
      policy: permissionPolicy(configuration),
      namespaceExists: (name) => namespace(name) !== undefined,
      now: clock.now(),
    });
  }

  async #tell({ namespace, findings }: ScannedPlace): Promise<void> {
    const failing = findings.filter((finding) => scanResultOf(finding) === "fail");
    if (namespace === "" || failing.length === 0) return;
    const rules = [...new Set(failing.map(({ ruleId }) => ruleId))].sort();
    const note = `${failing.length} ${failing.length === 1 ? "violation" : "violations"} of ${rules.slice(0, 10).join(", ")}${rules.length > 10 ? " and others" : ""}: firebreak scan -n ${namespace}`;
    await this.#options.events.tell("Warning", "GuardrailViolations", { apiVersion: "v1", kind: "Namespace", name: namespace, namespace }, note);
  }

  /** Kinds of reports belong to another project: without them the scan is told by metrics, events and the command line. */
  async #writes(): Promise<boolean> {
    if (this.#options.configuration.scan.reports === "none") return false;
    const installed = await this.#reports.installed();
    if (installed !== this.#written) {
      const { group } = reportFormats[this.#format];
      this.#options.log(installed ? "reports are written" : "reports are not written: their kinds are not installed", { group });
    }
    this.#written = installed;
    return installed;
  }

  get #format() {
    const { reports } = this.#options.configuration.scan;
    return reports === "none" ? "openreports" : reports;
  }
}

function countsOf(places: readonly ScannedPlace[]): { fail: number; warn: number; skip: number } {
  const results = places.flatMap(({ findings }) => findings.map(scanResultOf));
  const count = (wanted: string) => results.filter((result) => result === wanted).length;
  return { fail: count("fail"), warn: count("warn"), skip: count("skip") };
}
