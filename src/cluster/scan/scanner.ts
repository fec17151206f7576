import type { Decision } from "../../model/decision.ts";
import { FirebreakError, messageOf } from "../../model/errors.ts";
import type { KubernetesObject } from "../../model/kubernetes.ts";
import { controllerOf } from "../../segmentation/root-owner.ts";
import type { ApiClient, WatchEvent } from "../api-client.ts";
import type { Log } from "../settings.ts";
import { isForbidden, type ScannedKind, servedKinds } from "./kinds.ts";
import { Standing } from "./standing.ts";

export interface ScannerOptions {
  readonly api: ApiClient;
  /** The kinds that rules judge now, `group/Kind`. */
  readonly kinds: () => readonly string[];
  readonly judge: (object: KubernetesObject, kind: ScannedKind) => Promise<Decision>;
  readonly log: Log;
  /** Only this namespace. */
  readonly namespace?: string;
  readonly onProgress?: (done: number, kind: ScannedKind) => void;
}

/** What a full scan saw. */
export interface ScanSummary {
  readonly objects: number;
  /** Kinds that may not be read, or could not be. */
  readonly unread: readonly { readonly kind: string; readonly why: string }[];
}

/** Pages of lists, and how many objects are judged side by side: reviews of requests use the same threads. */
const pageSize = 250;
const abreast = 4;

/** Watches end by themselves this often. */
const watchSeconds = 240;
const retryMillis = 5000;

/** Old ones that a controller keeps for a rollback, and finished runs: what is in force is judged where it is written and where it runs. */
const history: ReadonlySet<string> = new Set(["apps/ReplicaSet", "batch/Job"]);

/** Judges everything that stands, and goes on judging what changes. */
export class Scanner {
  readonly #options: ScannerOptions;
  readonly standing = new Standing();
  /** The state of each object that is being judged. */
  readonly #looking = new Map<string, KubernetesObject>();
  #abort = new AbortController();

  constructor(options: ScannerOptions) {
    this.#options = options;
  }

  /** Judges everything once. What is gone since the last time is forgotten. */
  full(): Promise<ScanSummary> {
    return this.#listAll(() => {});
  }

  /** Judges everything, and from then on whatever changes, until it is stopped. Rules for other kinds than now need another start. */
  follow(): Promise<ScanSummary> {
    this.stop();
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    return this.#listAll((kind, version) => void this.#watch(kind, version, signal));
  }

  async #listAll(onListed: (kind: ScannedKind, version: string) => void): Promise<ScanSummary> {
    const { api, kinds, log } = this.#options;
    const unread: { kind: string; why: string }[] = [];
    let objects = 0;
    for (const kind of await servedKinds(api, kinds())) {
      try {
        const { version, seen } = await this.#list(kind);
        objects += seen;
        onListed(kind, version);
      } catch (thrown) {
        unread.push({ kind: kind.key, why: isForbidden(thrown) ? "it may not be listed" : messageOf(thrown) });
        log("a kind is not scanned", { kind: kind.key, error: messageOf(thrown) });
      }
    }
    return { objects, unread };
  }

  stop(): void {
    this.#abort.abort();
  }

  /** Judges one object now. */
  async look(object: KubernetesObject, kind: ScannedKind): Promise<void> {
    const key = keyOf(kind, object);
    if (history.has(kind.key) && controllerOf(object) !== undefined) return;
    this.#looking.set(key, object);
    const decision = await this.#options.judge(object, kind);
    // It was changed again, or removed, while it was judged: what is said now would be said of nothing.
    if (this.#looking.get(key) !== object) return;
    this.#looking.delete(key);
    this.standing.keep(key, object, decision);
  }

  #forget(key: string): void {
    this.#looking.delete(key);
    this.standing.forget(key);
  }

  async #list(kind: ScannedKind): Promise<{ version: string; seen: number }> {
    interface Page {
      readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
      readonly items: readonly KubernetesObject[];
    }
    const { api, namespace, onProgress } = this.#options;
    if (namespace !== undefined && !kind.namespaced && kind.key !== "/Namespace") return { version: "", seen: 0 };
    const path = namespace === undefined || !kind.namespaced ? kind.path : kind.path.replace(/\/([^/]+)$/, `/namespaces/${namespace}/$1`);
    const query = kind.key === "/Namespace" && namespace !== undefined ? { fieldSelector: `metadata.name=${namespace}` } : {};
    const seen = new Set<string>();
    let page: Page | undefined;
    do {
      page = await api.get<Page>(path, { ...query, limit: pageSize, continue: page?.metadata.continue });
      const items = page.items.map((item) => ({ ...item, apiVersion: kind.apiVersion, kind: kind.kind }));
      for (let at = 0; at < items.length; at += abreast) await Promise.all(items.slice(at, at + abreast).map((item) => this.look(item, kind)));
      for (const item of items) seen.add(keyOf(kind, item));
      onProgress?.(seen.size, kind);
    } while (page.metadata.continue);
    this.standing.keepOnly(`${kind.key} `, seen);
    return { version: page.metadata.resourceVersion, seen: seen.size };
  }

  async #watch(kind: ScannedKind, from: string, signal: AbortSignal): Promise<void> {
    const { api, log } = this.#options;
    let version = from;
    while (!signal.aborted) {
      try {
        const query = { resourceVersion: version, allowWatchBookmarks: true, timeoutSeconds: watchSeconds };
        const onEvent = (event: WatchEvent) => {
          if (event.type === "ERROR") throw new FirebreakError("FBR_API", event.object.message ?? "the watch ended");
          version = event.object.metadata?.resourceVersion ?? version;
          this.#take(kind, event);
        };
        await api.watch(kind.path, query, onEvent, (watchSeconds + 30) * 1000, signal);
      } catch (thrown) {
        if (signal.aborted) return;
        log("a watch of the scan is begun again", { kind: kind.key, error: messageOf(thrown) });
        await new Promise((resolve) => setTimeout(resolve, retryMillis));
        version = await this.#list(kind).then(
          (listed) => listed.version,
          () => version,
        );
      }
    }
  }

  #take(kind: ScannedKind, { type, object }: WatchEvent): void {
    if (type === "BOOKMARK") return;
    const whole = { ...(object as KubernetesObject), apiVersion: kind.apiVersion, kind: kind.kind };
    if (type === "DELETED") this.#forget(keyOf(kind, whole));
    else this.look(whole, kind).catch((thrown: unknown) => this.#options.log("an object was not judged", { kind: kind.key, error: messageOf(thrown) }));
  }
}

function keyOf({ key }: ScannedKind, { metadata }: KubernetesObject): string {
  return `${key} ${metadata?.namespace ?? ""}/${metadata?.name ?? ""}`;
}
