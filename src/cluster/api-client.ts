import type { IncomingMessage } from "node:http";
import { Agent, request as httpsRequest, type RequestOptions } from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import { FirebreakError, messageOf } from "../model/errors.ts";

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface CallOptions {
  readonly query?: Query;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly timeoutMillis?: number;
}

/** Longer than a starting API server takes to read its roles. */
const lastingMillis = 15_000;

/** An answer of the API server that is no success. */
class ApiError extends FirebreakError {
  readonly status: number;

  constructor(status: number, message: string) {
    super("FBR_API", message);
    this.status = status;
  }
}

export interface WatchEvent {
  readonly type: string;
  readonly object: { readonly metadata?: { readonly resourceVersion?: string }; readonly code?: number; readonly message?: string };
}

export function isStatus(thrown: unknown, ...statuses: number[]): boolean {
  return thrown instanceof ApiError && statuses.includes(thrown.status);
}

/** For `catch`: what is not there is undefined, any other failure stays one. */
export function absent(thrown: unknown): undefined {
  if (isStatus(thrown, 404)) return undefined;
  throw thrown;
}

/**
 * Calls of the API server with the credentials of a kubeconfig, on connections that are kept. client-node's own clients hold
 * whole lists in one string and open what they need anew; this is the little that Firebreak needs of them.
 */
export class ApiClient {
  readonly #config: KubeConfig;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  readonly #onForbidden: (message: string, lasting: boolean) => void;
  /** Calls that were forbidden, and since when: until they succeed. */
  readonly #forbiddenSince = new Map<string, number>();

  /**
   * `onForbidden` hears of each 403: a permission that the chart should have given. It is `lasting` where the same call was
   * forbidden some time ago already: an API server that has just started forbids everything until it has read its roles.
   */
  constructor(config: KubeConfig, onForbidden: (message: string, lasting: boolean) => void) {
    this.#config = config;
    this.#onForbidden = onForbidden;
  }

  get<T>(path: string, query?: Query): Promise<T> {
    return this.call<T>("GET", path, query === undefined ? {} : { query });
  }

  /** @throws ApiError with the status; status 0 where the API server was not reached. */
  async call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
    const response = await this.#send(method, path, options, options.timeoutMillis ?? 10_000);
    const text = await readAll(response);
    const status = response.statusCode ?? 0;
    const call = `${method} ${path}`;
    if (status >= 200 && status < 300) {
      this.#forbiddenSince.delete(call);
      return JSON.parse(text) as T;
    }
    const message = `${call}: ${status} ${messageFrom(text)}`;
    if (status === 403 && !isTerminating(text)) this.#forbidden(call, message);
    throw new ApiError(status, message);
  }

  /** Every item of a list, read in pages: a large cluster's list in one piece is larger than a string can be. */
  async list<T>(path: string, query: Query = {}): Promise<T[]> {
    const items: T[] = [];
    let page: { readonly metadata: { readonly continue?: string }; readonly items: readonly T[] } | undefined;
    do {
      page = await this.get<NonNullable<typeof page>>(path, { limit: 500, ...query, continue: page?.metadata.continue });
      items.push(...page.items);
    } while (page.metadata.continue);
    return items;
  }

  /** Server-side apply by our field manager: creates what is absent and leaves fields of others alone. */
  apply<T>(path: string, object: object, options: { readonly force?: boolean; readonly timeoutMillis?: number } = {}): Promise<T> {
    return this.call<T>("PATCH", path, {
      query: { fieldManager: "firebreak", force: options.force ?? true },
      body: object,
      contentType: "application/apply-patch+yaml",
      ...(options.timeoutMillis === undefined ? {} : { timeoutMillis: options.timeoutMillis }),
    });
  }

  /** Streams events until the API server ends the watch. A connection without a byte for `idleMillis` is given up. */
  async watch(path: string, query: Query, onEvent: (event: WatchEvent) => void, idleMillis: number, signal: AbortSignal): Promise<void> {
    const response = await this.#send("GET", path, { query: { ...query, watch: true } }, idleMillis, signal);
    if (response.statusCode !== 200)
      throw new ApiError(response.statusCode ?? 0, `watch ${path}: ${response.statusCode} ${messageFrom(await readAll(response))}`);
    let rest = "";
    for await (const chunk of response.setEncoding("utf8")) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line !== "") onEvent(JSON.parse(line));
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #forbidden(call: string, message: string): void {
    const since = this.#forbiddenSince.get(call) ?? Date.now();
    this.#forbiddenSince.set(call, since);
    this.#onForbidden(message, Date.now() - since > lastingMillis);
  }

  async #send(
    method: string,
    path: string,
    { query = {}, body, contentType }: CallOptions,
    idleMillis: number,
    signal?: AbortSignal,
  ): Promise<IncomingMessage> {
    const cluster = this.#config.getCurrentCluster();
    if (cluster === null) throw new ApiError(0, "the kubeconfig has no current cluster");
    const url = new URL(cluster.server.replace(/\/$/, "") + path);
    for (const [key, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(key, String(value));
    const options: RequestOptions = { method, headers: {} };
    await this.#config.applyToHTTPSOptions(options);
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      accept: "application/json",
      ...options.headers,
      ...(payload === undefined ? {} : { "content-type": contentType ?? "application/json", "content-length": Buffer.byteLength(payload) }),
    };
    return new Promise((resolve, reject) => {
      const request = httpsRequest(url, { ...options, headers, agent: this.#agent, timeout: idleMillis, ...(signal ? { signal } : {}) }, resolve);
      request.on("timeout", () => request.destroy(new Error(`no answer for ${idleMillis} ms`)));
      request.on("error", (cause) => reject(new ApiError(0, `${method} ${path}: ${messageOf(cause)}`)));
      request.end(payload);
    });
  }
}

/** What is written to a namespace that goes is forbidden too, and no permission is lacking. */
function isTerminating(text: string): boolean {
  return text.includes('"NamespaceTerminating"');
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function messageFrom(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text.slice(0, 300);
  } catch {
    return text.slice(0, 300);
  }
}
