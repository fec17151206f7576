import { messageOf } from "../model/errors.ts";
import { type ApiClient, absent } from "./api-client.ts";
import { covers } from "./covers.ts";
import type { JudgedResource } from "./judged-resources.ts";
import type { ClusterSettings, Log } from "./settings.ts";
import { type Endpoint, type WebhookConfiguration, webhookConfigurationName, webhookConfigurations } from "./webhook-configuration.ts";

const base = "/apis/admissionregistration.k8s.io/v1";
const plurals = { MutatingWebhookConfiguration: "mutatingwebhookconfigurations", ValidatingWebhookConfiguration: "validatingwebhookconfigurations" } as const;

interface KeeperOptions {
  readonly api: ApiClient;
  readonly settings: ClusterSettings;
  readonly endpoint: Endpoint;
  readonly caBundle: () => string;
  readonly log: Log;
  readonly onRepair: (kind: string) => void;
  readonly judged: () => Promise<readonly JudgedResource[]>;
}

/**
 * Registers Firebreak with the API server and repairs the registration. The objects belong to the ClusterRole of the release,
 * which belongs to the namespace of the release: whichever of the two goes takes them along, with every replica dead too.
 */
export class WebhookKeeper {
  readonly #options: KeeperOptions;
  /** What was wanted last, by kind: what we want anew is no repair. */
  readonly #wanted = new Map<string, string>();

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** Puts both configurations right. Does nothing once the release is gone: a cluster that uninstalls us is never caught again. */
  async ensure(): Promise<void> {
    const owner = await this.#owner();
    if (owner === undefined) return;
    const { api, settings, endpoint, caBundle, log, onRepair } = this.#options;
    const judged = await this.#options.judged();
    for (const { kind, object } of webhookConfigurations({ settings, endpoint, caBundle: caBundle(), owner, judged })) {
      const wanted = JSON.stringify(object);
      const wantedAnew = this.#wanted.has(kind) && this.#wanted.get(kind) !== wanted;
      this.#wanted.set(kind, wanted);
      const path = `${base}/${plurals[kind]}/${webhookConfigurationName}`;
      const found = await api.get<WebhookConfiguration>(path).catch(absent);
      if (found !== undefined && covers(found, object)) continue;
      if (found === undefined) log("webhooks registered", { kind });
      else if (wantedAnew) log("webhooks follow certificates and rule packs", { kind });
      else onRepair(kind);
      await api.apply(path, object);
    }
  }

  /** `mode: Off`: takes both configurations away. */
  async remove(): Promise<void> {
    for (const plural of Object.values(plurals)) {
      await this.#options.api.call("DELETE", `${base}/${plural}/${webhookConfigurationName}`).catch(absent);
    }
  }

  /** Whether both configurations stand with exactly this bundle, so that callers trust what it holds. */
  async isPublished(caBundle: string): Promise<boolean> {
    const wanted = Buffer.from(caBundle).toString("base64");
    const found = await Promise.all(
      Object.values(plurals).map((plural) => this.#options.api.get<WebhookConfiguration>(`${base}/${plural}/${webhookConfigurationName}`).catch(absent)),
    );
    return found.every((configuration) => configuration === undefined || configuration.webhooks.every(({ clientConfig }) => clientConfig.caBundle === wanted));
  }

  /** The ClusterRole of the release, tied to the release's namespace; undefined where either is gone or going. */
  async #owner(): Promise<{ name: string; uid: string } | undefined> {
    const { api, settings, log } = this.#options;
    interface Owned {
      readonly metadata: { readonly uid: string; readonly deletionTimestamp?: string; readonly ownerReferences?: readonly { readonly uid: string }[] };
    }
    const rolePath = `/apis/rbac.authorization.k8s.io/v1/clusterroles/${settings.ownerClusterRole}`;
    const [role, namespace] = await Promise.all([
      api.get<Owned>(rolePath).catch(absent),
      api.get<Owned>(`/api/v1/namespaces/${settings.namespace}`).catch(absent),
    ]);
    if (role === undefined || namespace === undefined || role.metadata.deletionTimestamp || namespace.metadata.deletionTimestamp) {
      log("the release is gone or going: its webhooks are not registered", { clusterRole: settings.ownerClusterRole, namespace: settings.namespace });
      return undefined;
    }
    if (!role.metadata.ownerReferences?.some(({ uid }) => uid === namespace.metadata.uid)) {
      const ownerReferences = [
        ...(role.metadata.ownerReferences ?? []),
        { apiVersion: "v1", kind: "Namespace", name: settings.namespace, uid: namespace.metadata.uid },
      ];
      const body = { metadata: { ownerReferences } };
      await api
        .call("PATCH", rolePath, { body, contentType: "application/merge-patch+json" })
        .catch((thrown: unknown) => log("the ClusterRole was not tied to the namespace", { error: messageOf(thrown) }));
    }
    return { name: settings.ownerClusterRole, uid: role.metadata.uid };
  }
}
