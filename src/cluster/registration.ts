import { messageOf } from "../model/errors.ts";
import type { ApiClient } from "./api-client.ts";
import { Reflector } from "./reflector.ts";
import type { ClusterSettings, Log } from "./settings.ts";
import { sharedNames } from "./shared-state.ts";
import type { WebhookKeeper } from "./webhook-keeper.ts";

interface RegistrationOptions {
  readonly api: ApiClient;
  readonly settings: ClusterSettings;
  readonly keeper: WebhookKeeper;
  readonly isLeader: () => boolean;
  readonly log: Log;
}

/**
 * Whether Firebreak is registered: it follows the mode switch, the ConfigMap `firebreak-mode` in our own namespace. `mode: Off`
 * takes the webhooks away and nothing brings them back but the switch.
 */
export class Registration {
  readonly #options: RegistrationOptions;
  readonly modeSwitch: Reflector<string>;
  #off: boolean | undefined;
  #serving = false;
  #running: Promise<void> | undefined;

  constructor(options: RegistrationOptions) {
    this.#options = options;
    const { api, settings, log } = options;
    this.modeSwitch = new Reflector({
      api,
      name: "mode-switch",
      path: `/api/v1/namespaces/${settings.namespace}/configmaps`,
      query: { fieldSelector: `metadata.name=${sharedNames.mode}` },
      project: (object) => (object as { data?: Record<string, string> }).data?.["mode"] ?? "",
      onChange: () => void this.ensure(),
      log,
    });
  }

  /** From here on the API server may be told to call: reviews are answered. */
  serve(): void {
    this.#serving = true;
  }

  /** Registers, repairs or takes away, as the switch says; one run at a time. Only the leader writes. */
  ensure(): Promise<void> {
    this.#running ??= this.#ensure()
      .catch((thrown: unknown) => this.#options.log("the webhooks were not put right", { error: messageOf(thrown) }))
      .finally(() => {
        this.#running = undefined;
      });
    return this.#running;
  }

  async #ensure(): Promise<void> {
    const { keeper, isLeader } = this.#options;
    const off = this.#readSwitch();
    if (!isLeader() || !this.#serving) return;
    await (off ? keeper.remove() : keeper.ensure());
  }

  #readSwitch(): boolean {
    const { settings, log } = this.#options;
    const off = this.modeSwitch.get(`${settings.namespace}/${sharedNames.mode}`) === "Off";
    if (off !== this.#off) log(off ? "mode is Off: webhooks are taken away and stay away" : "mode is On", { mode: off ? "Off" : "On" });
    this.#off = off;
    return off;
  }
}
