import { messageOf } from "../model/errors.ts";
import type { KubernetesObject } from "../model/kubernetes.ts";
import { type ApiClient, isStatus, type Query, type WatchEvent } from "./api-client.ts";

export interface ReflectorOptions<T> {
  readonly api: ApiClient;
  /** What this is, for logs and metrics. */
  readonly name: string;
  readonly path: string;
  readonly query?: Query;
  /** Keeps the fields in use and drops the rest. */
  readonly project: (object: KubernetesObject) => T;
  readonly onChange?: (key: string) => void;
  /** The kind need not be installed: until it is there are none, and nobody waits for it. */
  readonly optional?: boolean;
  readonly log: (message: string, fields: object) => void;
}

interface Page {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly KubernetesObject[];
}

/** Pages of lists: 500 objects of 6 kB are 3 MB of JSON at once. */
const pageSize = 500;
/** Watches end by themselves this often, so that a dead one is noticed within twice the time. */
const watchSeconds = 25;
const retryMillis = { first: 200, most: 10_000, uninstalled: 10_000 };

/** A local copy of a collection, kept by list and watch, with an age that says how far it can be trusted. */
export class Reflector<T> {
  readonly #options: ReflectorOptions<T>;
  readonly #abort = new AbortController();
  #items = new Map<string, T>();
  #lastSeen = 0;
  #markSynced: () => void = () => {};
  readonly synced: Promise<void>;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.synced = new Promise((resolve) => {
      this.#markSynced = resolve;
    });
  }

  start(): void {
    void this.#run();
  }

  stop(): void {
    this.#abort.abort();
  }

  /** `namespace/name`, or the name of what has no namespace. */
  get(key: string): T | undefined {
    return this.#items.get(key);
  }

  has(key: string): boolean {
    return this.#items.has(key);
  }

  get size(): number {
    return this.#items.size;
  }

  values(): T[] {
    return [...this.#items.values()];
  }

  entries(): [string, T][] {
    return [...this.#items];
  }

  /** Milliseconds since the API server last confirmed this copy; infinite before the first list. */
  ageMillis(): number {
    return this.#lastSeen === 0 ? Number.POSITIVE_INFINITY : Date.now() - this.#lastSeen;
  }

  get name(): string {
    return this.#options.name;
  }

  async #run(): Promise<void> {
    let version: string | undefined;
    let wait = retryMillis.first;
    while (!this.#abort.signal.aborted) {
      try {
        version ??= await this.#list();
        version = await this.#watch(version);
        wait = retryMillis.first;
      } catch (thrown) {
        if (this.#abort.signal.aborted) return;
        if (isStatus(thrown, 404, 400, 410)) version = undefined;
        await this.#recover(thrown, wait);
        wait = Math.min(wait * 2, retryMillis.most);
      }
    }
  }

  async #recover(thrown: unknown, wait: number): Promise<void> {
    if (this.#options.optional === true && isStatus(thrown, 404)) return this.#waitForInstallation();
    if (!isStatus(thrown, 410)) this.#options.log("a watch failed", { reflector: this.name, error: messageOf(thrown), retryMillis: wait });
    await new Promise((resolve) => setTimeout(resolve, wait));
  }

  /** Nothing is installed: nothing is there. It is looked for again once in a while. */
  async #waitForInstallation(): Promise<void> {
    const gone = [...this.#items.keys()];
    this.#items = new Map();
    this.#lastSeen = 0;
    for (const key of gone) this.#options.onChange?.(key);
    this.#markSynced();
    await new Promise((resolve) => setTimeout(resolve, retryMillis.uninstalled).unref());
  }

  async #list(): Promise<string> {
    const { api, path, query } = this.#options;
    const items = new Map<string, T>();
    let page: Page | undefined;
    do {
      page = await api.get<Page>(path, { ...query, limit: pageSize, continue: page?.metadata.continue });
      for (const item of page.items) items.set(keyOf(item), this.#options.project(item));
    } while (page.metadata.continue);
    const changed = new Set([...this.#items.keys(), ...items.keys()]);
    this.#items = items;
    this.#seen();
    this.#markSynced();
    for (const key of changed) this.#options.onChange?.(key);
    return page.metadata.resourceVersion;
  }

  async #watch(from: string): Promise<string> {
    let version = from;
    const { api, path, query } = this.#options;
    const onEvent = (event: WatchEvent) => {
      if (event.type === "ERROR") throw Object.assign(new Error(event.object.message ?? "watch error"), { status: event.object.code });
      version = event.object.metadata?.resourceVersion ?? version;
      this.#seen();
      if (event.type !== "BOOKMARK") this.#take(event);
    };
    try {
      const watching = { ...query, resourceVersion: from, allowWatchBookmarks: true, timeoutSeconds: watchSeconds };
      await api.watch(path, watching, onEvent, (watchSeconds + 10) * 1000, this.#abort.signal);
    } catch (thrown) {
      if ((thrown as { status?: number }).status === 410) return this.#list();
      throw thrown;
    }
    this.#seen();
    return version;
  }

  #take({ type, object }: WatchEvent): void {
    const key = keyOf(object as KubernetesObject);
    if (type === "DELETED") this.#items.delete(key);
    else this.#items.set(key, this.#options.project(object as KubernetesObject));
    this.#options.onChange?.(key);
  }

  #seen(): void {
    this.#lastSeen = Date.now();
  }
}

function keyOf({ metadata }: KubernetesObject): string {
  return metadata?.namespace ? `${metadata.namespace}/${metadata.name}` : (metadata?.name ?? "");
}
