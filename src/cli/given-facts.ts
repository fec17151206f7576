import type { FactSource } from "../admission/ports.ts";
import { type Attributes, isNamespace, isNetworkPolicy } from "../model/attributes.ts";
import { type Access, type FactName, type Facts, noAccess } from "../model/facts.ts";
import type { KubernetesObject, NetworkPolicy } from "../model/kubernetes.ts";
import { type Mode, modeOf } from "../model/mode.ts";
import type { LabelScheme } from "../model/segmentation-labels.ts";
import { defaultDenyName } from "../segmentation/default-deny.ts";
import { deniedWithout } from "../segmentation/denied-directions.ts";
import { isLivePod } from "../segmentation/live-pod.ts";

/** What a command was told of the cluster. */
export interface Given {
  /** Objects that stand in the cluster, or are about to. */
  readonly objects: readonly KubernetesObject[];
  /** The objects above are all of their kinds that there are: what is not among them is not there. */
  readonly complete: boolean;
  /** Who makes the change is known. */
  readonly userKnown: boolean;
  /** What the user may do, as an API server said. */
  readonly access?: Access | undefined;
  /** Judge as if every namespace were in this mode. */
  readonly mode?: Mode | undefined;
}

/** Facts from files and listings: what nobody told is missing, never guessed. */
export class GivenFacts implements FactSource {
  readonly #given: Given;
  readonly #scheme: LabelScheme;
  readonly #installedAt: Date;

  constructor(given: Given, scheme: LabelScheme, installedAt: Date) {
    this.#given = given;
    this.#scheme = scheme;
    this.#installedAt = installedAt;
  }

  async factsFor(attributes: Attributes): Promise<Facts> {
    const { mode, access } = this.#given;
    const told = { ...(mode === undefined ? {} : { mode }), ...(access === undefined ? {} : { access }) };
    if (isNamespace(attributes.kind) || attributes.namespace === "") return { ...told, missing: this.#missing(access === undefined ? ["access"] : []) };
    const namespace = this.#objects("Namespace").find(({ metadata }) => metadata?.name === attributes.namespace);
    const inNamespace = this.#inNamespace(attributes);
    if (namespace?.metadata === undefined) {
      // Where nothing is known, the strictest mode: what passes here is not refused there.
      return { mode: "enforce", ...told, ...inNamespace, missing: this.#missing(["namespace", "enclave", ...this.#unlisted()]) };
    }
    const { metadata } = namespace;
    const known = {
      name: attributes.namespace,
      labels: metadata.labels ?? {},
      terminating: metadata.deletionTimestamp !== undefined,
      mode: modeOf(this.#scheme, metadata, this.#installedAt),
    };
    return { ...told, namespace: known, ...inNamespace, missing: this.#missing(this.#unlisted()) };
  }

  #unlisted(): FactName[] {
    return this.#given.complete ? [] : ["livePods", "deniedDirections"];
  }

  /** Without configured enclaves there is none, and nothing to know. */
  #missing(facts: readonly FactName[]): FactName[] {
    const enclaves = Object.values(this.#scheme.enclaves).some((values) => (values?.length ?? 0) > 0);
    const missing = facts.filter((fact) => fact !== "enclave" || enclaves);
    return this.#given.userKnown ? missing : [...missing, "user"];
  }

  #inNamespace({ kind, namespace, name }: Attributes): Facts {
    const policies = this.#objects("NetworkPolicy", namespace) as NetworkPolicy[];
    const livePods = this.#objects("Pod", namespace).filter(isLivePod).length;
    return {
      defaultDenyStored: policies.some(({ metadata }) => metadata?.name === defaultDenyName),
      ...(this.#given.complete ? { livePods } : {}),
      ...(isNetworkPolicy(kind) ? { deniedDirections: deniedWithout(name, policies) } : {}),
    };
  }

  #objects(kind: string, namespace?: string): KubernetesObject[] {
    const groups: Readonly<Record<string, string>> = { NetworkPolicy: "networking.k8s.io/v1" };
    return this.#given.objects.filter(
      (object) => object.kind === kind && object.apiVersion === (groups[kind] ?? "v1") && (namespace === undefined || object.metadata?.namespace === namespace),
    );
  }
}

/** Answers of an API server among the given objects: SelfSubjectAccessReviews and SubjectAccessReviews with their status. */
export function accessFrom(objects: readonly KubernetesObject[]): Access | undefined {
  const reviews = objects.filter(({ kind }) => kind === "SelfSubjectAccessReview" || kind === "SubjectAccessReview") as unknown as {
    spec?: { resourceAttributes?: { group?: string; resource?: string; verb?: string } };
    status?: { allowed?: boolean };
  }[];
  if (reviews.length === 0) return undefined;
  const may = (wanted: string) =>
    reviews.some(({ spec, status }) => {
      const { group, resource, verb } = spec?.resourceAttributes ?? {};
      return status?.allowed === true && `${verb} ${resource}.${group}` === wanted;
    });
  return {
    ...noAccess,
    changeLabels: may("change segmentationlabels.firebreak.dev"),
    setMode: may("set namespacemodes.firebreak.dev"),
    changeInstallation: may("change installations.firebreak.dev"),
  };
}
