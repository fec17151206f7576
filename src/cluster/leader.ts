import { messageOf } from "../model/errors.ts";
import { type ApiClient, absent, isStatus } from "./api-client.ts";
import type { Log } from "./settings.ts";

interface Lease {
  readonly metadata: { readonly resourceVersion?: string };
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly renewTime?: string;
    readonly leaseDurationSeconds?: number;
    readonly leaseTransitions?: number;
    readonly acquireTime?: string;
  };
}

/** The rules of client-go's leaderelection: lease 15 s, give up renewing after 10 s, try every 2 s. */
const leaseTimings = { leaseMillis: 15_000, renewDeadlineMillis: 10_000, retryMillis: 2000 } as const;

interface LeaderOptions {
  readonly api: ApiClient;
  readonly namespace: string;
  readonly name: string;
  readonly identity: string;
  readonly onChange: (leading: boolean) => void;
  readonly log: Log;
}

/**
 * Leader election by a coordination.k8s.io Lease. Another holder's lease is timed by our own clock from when we saw it
 * change, never by the time written in it: clocks of nodes differ.
 */
export class Leader {
  readonly #options: LeaderOptions;
  #leading = false;
  #renewedAt = 0;
  #observed: { readonly record: string; readonly at: number } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #ticking: Promise<void> = Promise.resolve();

  constructor(options: LeaderOptions) {
    this.#options = options;
  }

  get leading(): boolean {
    return this.#leading && performance.now() - this.#renewedAt < leaseTimings.renewDeadlineMillis;
  }

  async start(): Promise<void> {
    this.#ticking = this.#tick();
    await this.#ticking;
  }

  /** Gives the lease back, so that another replica need not wait for it to end. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    // A renewal that is on its way would take the lease again after it was given back.
    await this.#ticking;
    if (!this.#leading) return;
    this.#become(false);
    await this.#release().catch((thrown: unknown) => this.#options.log("the lease was not given back", { error: messageOf(thrown) }));
  }

  async #tick(): Promise<void> {
    try {
      const held = await this.#tryHold();
      if (held) this.#renewedAt = performance.now();
      this.#become(held);
    } catch (thrown) {
      if (!isStatus(thrown, 409)) this.#options.log("leader election failed", { error: messageOf(thrown) });
      if (this.#leading && performance.now() - this.#renewedAt >= leaseTimings.renewDeadlineMillis) this.#become(false);
    }
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#ticking = this.#tick();
    }, leaseTimings.retryMillis).unref();
  }

  async #tryHold(): Promise<boolean> {
    const lease = await this.#options.api.call<Lease>("GET", this.#path, { timeoutMillis: 5000 }).catch(absent);
    if (lease === undefined) {
      await this.#write("POST", this.#collection, { name: this.#options.name }, undefined);
      return true;
    }
    const record = JSON.stringify(lease.spec);
    if (record !== this.#observed?.record) this.#observed = { record, at: performance.now() };
    const holder = lease.spec?.holderIdentity;
    const ours = holder === this.#options.identity;
    const free = !holder || performance.now() - this.#observed.at > (lease.spec?.leaseDurationSeconds ?? 15) * 1000;
    if (!ours && !free) return false;
    await this.#write("PUT", this.#path, { name: this.#options.name, resourceVersion: lease.metadata.resourceVersion }, lease);
    return true;
  }

  #write(method: string, path: string, metadata: object, before: Lease | undefined): Promise<unknown> {
    const now = new Date().toISOString().replace("Z", "000Z");
    const kept = before?.spec?.holderIdentity === this.#options.identity;
    const spec = {
      holderIdentity: this.#options.identity,
      leaseDurationSeconds: leaseTimings.leaseMillis / 1000,
      acquireTime: kept ? before?.spec?.acquireTime : now,
      renewTime: now,
      leaseTransitions: (before?.spec?.leaseTransitions ?? 0) + (kept || before === undefined ? 0 : 1),
    };
    return this.#options.api.call(method, path, {
      body: { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { ...metadata, namespace: this.#options.namespace }, spec },
      timeoutMillis: 5000,
    });
  }

  async #release(): Promise<void> {
    const lease = await this.#options.api.get<Lease>(this.#path);
    if (lease.spec?.holderIdentity !== this.#options.identity) return;
    await this.#options.api.call("PUT", this.#path, {
      body: { ...lease, spec: { ...lease.spec, holderIdentity: "", leaseDurationSeconds: 1 } },
      timeoutMillis: 3000,
    });
  }

  #become(leading: boolean): void {
    if (leading === this.#leading) return;
    this.#leading = leading;
    this.#options.onChange(leading);
  }

  get #collection(): string {
    return `/apis/coordination.k8s.io/v1/namespaces/${this.#options.namespace}/leases`;
  }

  get #path(): string {
    return `${this.#collection}/${this.#options.name}`;
  }
}
