import { messageOf } from "../model/errors.ts";
import type { ApiClient } from "./api-client.ts";
import type { ClusterSettings, Log } from "./settings.ts";

/** An object that an event is about. */
interface Regarding {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
}

/** The same thing is told of the same object once in so long. */
const againMillis = 10 * 60_000;
/** events.k8s.io/v1 takes 1,024 characters. */
const noteMost = 1000;
const rememberedMost = 10_000;

/** Kubernetes Events about what somebody should see where they look; never more than one of a kind for an object in ten minutes. */
export class Events {
  readonly #api: ApiClient;
  readonly #settings: ClusterSettings;
  readonly #log: Log;
  readonly #told = new Map<string, number>();

  constructor(api: ApiClient, settings: ClusterSettings, log: Log) {
    this.#api = api;
    this.#settings = settings;
    this.#log = log;
  }

  /** What cannot be written is logged: an event is never worth a failure. */
  async tell(type: "Normal" | "Warning", reason: string, regarding: Regarding, note: string): Promise<void> {
    const key = JSON.stringify([reason, regarding.kind, regarding.namespace, regarding.name]);
    const now = performance.now();
    if (now - (this.#told.get(key) ?? Number.NEGATIVE_INFINITY) < againMillis) return;
    if (this.#told.size >= rememberedMost) this.#told.clear();
    this.#told.set(key, now);
    // What belongs to the cluster is told of in `default`, as Kubernetes does.
    const namespace = regarding.namespace ?? "default";
    const body = {
      apiVersion: "events.k8s.io/v1",
      kind: "Event",
      metadata: { generateName: `firebreak-${reason.toLowerCase()}-`, namespace },
      eventTime: new Date().toISOString().replace("Z", "000Z"),
      reportingController: "firebreak.dev/firebreak",
      reportingInstance: this.#settings.identity,
      action: reason,
      reason,
      type,
      note: note.slice(0, noteMost),
      regarding,
    };
    await this.#api.call("POST", `/apis/events.k8s.io/v1/namespaces/${namespace}/events`, { body }).catch((thrown: unknown) => {
      this.#log("an event was not written", { reason, error: messageOf(thrown) });
    });
  }
}
