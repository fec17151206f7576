import type { PermissionSource } from "../admission/ports.ts";
import { messageOf } from "../model/errors.ts";
import type { BreakGlass, Exemption, ExemptionApproval, ExemptionStatus, Permissions, RecordedBreakGlass } from "../model/exemption.ts";
import type { KubernetesObject } from "../model/kubernetes.ts";
import { type ApiClient, absent } from "./api-client.ts";
import type { Events } from "./events.ts";
import { changeStatus } from "./own-status.ts";
import { Reflector } from "./reflector.ts";
import type { Log } from "./settings.ts";

interface PermissionOptions {
  readonly api: ApiClient;
  /** What the objects say, as decisions read it. */
  readonly read: (objects: { exemptions: readonly Exemption[]; approvals: readonly ExemptionApproval[]; breakGlasses: readonly BreakGlass[] }) => Permissions;
  /** What becomes of each exemption now. */
  readonly describe: (permissions: Permissions, now: Date) => ReadonlyMap<string, ExemptionStatus>;
  readonly isLeader: () => boolean;
  readonly events: Events;
  readonly log: Log;
  readonly alarm: (kind: string, message: string, fields: object) => void;
  /** Told when a glass that was broken is whole again: what passed is looked at. */
  readonly onMended: (glass: RecordedBreakGlass) => void;
  /** Told when what permits changed. */
  readonly onChange: () => void;
}

/** A status says when an exemption was last used to the hour: each use is no write. */
const usedMillis = 3_600_000;

/** Exemptions, approvals and broken glasses of the cluster, as they are now. */
export class ClusterPermissions implements PermissionSource {
  readonly #options: PermissionOptions;
  readonly exemptions: Reflector<Exemption>;
  readonly #approvals: Reflector<ExemptionApproval>;
  readonly #breakGlasses: Reflector<BreakGlass>;
  #current: Permissions | undefined;
  /** What was known before the changes of this turn. */
  #before: string | undefined;
  #turn: NodeJS.Immediate | undefined;
  readonly #open = new Map<string, { readonly glass: RecordedBreakGlass; readonly timer: NodeJS.Timeout }>();

  constructor(options: PermissionOptions) {
    this.#options = options;
    this.exemptions = this.#follow("exemptions");
    this.#approvals = this.#follow("exemptionapprovals");
    this.#breakGlasses = this.#follow("breakglasses");
  }

  get reflectors(): readonly Reflector<KubernetesObject>[] {
    return [this.exemptions, this.#approvals, this.#breakGlasses];
  }

  current(): Permissions {
    this.#current ??= this.#options.read({
      exemptions: this.exemptions.values(),
      approvals: this.#approvals.values(),
      breakGlasses: this.#breakGlasses.values(),
    });
    return this.#current;
  }

  /** Resolves when they are known; at once for a kind that is not installed: then there are none. */
  async start(): Promise<void> {
    for (const reflector of this.reflectors) reflector.start();
    await Promise.all(this.reflectors.map(({ synced }) => synced));
  }

  stop(): void {
    for (const reflector of this.reflectors) reflector.stop();
    clearImmediate(this.#turn);
    for (const { timer } of this.#open.values()) clearTimeout(timer);
  }

  /** An exemption as it stands now, and not as a watch last saw it. */
  exemption(name: string): Promise<Exemption | undefined> {
    return this.#options.api.get<Exemption>(`/apis/firebreak.dev/v1alpha1/exemptions/${name}`).catch(absent);
  }

  /** Writes down what became of each exemption; only the leader does. */
  async writeStatus(now: Date): Promise<void> {
    if (!this.#options.isLeader()) return;
    for (const [name, described] of this.#options.describe(this.current(), now)) {
      const known = this.exemptions.get(name)?.status;
      if (Object.entries(described).every(([key, value]) => JSON.stringify(known?.[key as keyof ExemptionStatus]) === JSON.stringify(value))) continue;
      await this.#write(name, (status) => ({ ...status, ...described }));
    }
  }

  /** Writes down that exemptions were used. */
  async used(names: Iterable<string>, now: Date): Promise<void> {
    for (const name of names) {
      const last = Date.parse(this.exemptions.get(name)?.status?.lastUsed ?? "");
      if (now.getTime() - last < usedMillis) continue;
      await this.#write(name, (status) => ({ ...status, lastUsed: now.toISOString() }));
    }
  }

  #write(name: string, change: (status: Partial<ExemptionStatus>) => Partial<ExemptionStatus>): Promise<void> {
    return changeStatus<ExemptionStatus>(this.#options.api, "exemptions", name, change).catch((thrown: unknown) =>
      this.#options.log("the status of an exemption was not written", { exemption: name, error: messageOf(thrown) }),
    );
  }

  #follow<T extends KubernetesObject>(plural: string): Reflector<T> {
    const { api, log } = this.#options;
    return new Reflector<T>({
      api,
      name: plural,
      path: `/apis/firebreak.dev/v1alpha1/${plural}`,
      project: (object) => object as T,
      onChange: () => this.#changed(),
      optional: true,
      log,
    });
  }

  /** A list tells of each of its objects: what they say together is read once for all of a turn, signatures included. */
  #changed(): void {
    this.#before ??= JSON.stringify(this.#current ?? null);
    this.#current = undefined;
    this.#turn ??= setImmediate(() => {
      const before = this.#before;
      this.#turn = undefined;
      this.#before = undefined;
      if (before !== JSON.stringify(this.current())) this.#options.onChange();
      void this.writeStatus(new Date());
      this.#watchGlasses();
    });
  }

  /** Tells when a glass is broken, and when it is whole again: by its own end, or because it was removed. */
  #watchGlasses(): void {
    const glasses = new Map(this.current().breakGlasses.map((glass) => [glass.name, glass]));
    for (const glass of glasses.values()) {
      const left = glass.expires.getTime() - Date.now();
      if (!(left > 0) || this.#open.has(glass.name)) continue;
      this.#open.set(glass.name, { glass, timer: setTimeout(() => this.#mended(glass.name), left).unref() });
      this.#broken(glass);
    }
    for (const name of this.#open.keys()) if (!glasses.has(name)) this.#mended(name);
  }

  #broken(glass: RecordedBreakGlass): void {
    const { alarm, isLeader, events } = this.#options;
    const { name, reason, requestedBy, namespaces, expires } = glass;
    alarm("break-glass", "the glass is broken: nothing but Mandatory rules refuses", {
      breakGlass: name,
      reason,
      requestedBy,
      namespaces,
      expires: expires.toISOString(),
    });
    if (!isLeader()) return;
    const where = namespaces.length === 0 ? "the whole cluster" : namespaces.join(", ");
    const note = `${requestedBy} broke the glass for ${where} until ${expires.toISOString()}: ${reason}`;
    void events.tell("Warning", "GlassBroken", { apiVersion: "firebreak.dev/v1alpha1", kind: "BreakGlass", name }, note);
  }

  #mended(name: string): void {
    const open = this.#open.get(name);
    if (open === undefined) return;
    clearTimeout(open.timer);
    this.#open.delete(name);
    this.#options.log("the glass is whole again", { breakGlass: name });
    this.#options.onMended(open.glass);
  }
}
