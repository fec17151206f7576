import type { FactSource } from "../../admission/ports.ts";
import { type Attributes, isNamespace, isNetworkPolicy } from "../../model/attributes.ts";
import type { FactName, Facts, NamespaceFacts } from "../../model/facts.ts";
import type { NetworkPolicy } from "../../model/kubernetes.ts";
import { deniedWithout } from "../../segmentation/denied-directions.ts";

/** What a scan cannot know: who would make a change, and what they may do. Pods are not counted for it. */
const unknowable: readonly FactName[] = ["user", "access", "livePods"];

/** Facts about what stands, from copies that are warm already. */
export class ScanFacts implements FactSource {
  readonly #namespace: (name: string) => NamespaceFacts | undefined;
  readonly #policies: (namespace: string) => readonly NetworkPolicy[];

  constructor(namespace: (name: string) => NamespaceFacts | undefined, policies: (namespace: string) => readonly NetworkPolicy[]) {
    this.#namespace = namespace;
    this.#policies = policies;
  }

  async factsFor({ kind, namespace, name, object }: Attributes): Promise<Facts> {
    const own = isNamespace(kind) ? (object?.metadata?.name ?? name) : namespace;
    if (own === "") return { missing: unknowable };
    const known = this.#namespace(own);
    // A namespace that went a moment ago: what is said of it would be said of nothing.
    if (known === undefined) return { missing: ["namespace", "enclave", "deniedDirections", ...unknowable] };
    const deniedDirections = deniedWithout(isNetworkPolicy(kind) ? name : "", this.#policies(own));
    return { namespace: known, deniedDirections, missing: unknowable };
  }
}
