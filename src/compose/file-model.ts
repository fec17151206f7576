import type { ModelSource } from "../admission/ports.ts";
import { withApiDefaults } from "../cli/api-defaults.ts";
import type { Configuration } from "../config/configuration.ts";
import { type Attributes, isNamespace } from "../model/attributes.ts";
import type { KubernetesObject, Labels } from "../model/kubernetes.ts";
import { type Mode, modeOf } from "../model/mode.ts";
import { withNameLabel } from "../model/reachability.ts";
import { inheritedLabels } from "../model/segmentation-labels.ts";
import { ClusterModel } from "../reachability/cluster-model.ts";
import { compilePolicy } from "../reachability/dialects/compile.ts";
import { inventoryOf, objectOf } from "../reachability/inventory.ts";
import { isolation } from "../reachability/policy.ts";
import { defaultDenyName } from "../segmentation/default-deny.ts";
import { addressPlan, boundariesOf } from "./boundaries.ts";

interface Told {
  /** Namespaces that are older are observed, unless a label says otherwise. */
  readonly installedAt: Date;
  /** There is nothing but what was told: what is not among it is not there. */
  readonly complete: boolean;
  /** The mode of every namespace, whatever it says. Of one that nobody told of, the strictest is taken to hold. */
  readonly mode?: Mode | undefined;
}

/**
 * The cluster that a command was told of, with everything that it judges in it: a folder is a cluster. Each change is judged
 * against the rest: as if it came last.
 */
export class FileModel implements ModelSource {
  readonly #model: ClusterModel;
  /** Puts back what was taken out for the last question. */
  #restore: () => void = () => {};

  constructor(objects: readonly KubernetesObject[], configuration: Configuration, { installedAt, complete, mode }: Told) {
    const { labels: scheme } = configuration;
    const inventory = inventoryOf(objects.map(withApiDefaults));
    const created = new Map(objects.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => [metadata?.name ?? "", metadata?.creationTimestamp]));
    const enforced = (name: string, labels: Labels) => {
      if (mode !== undefined || !created.has(name)) return (mode ?? "enforce") === "enforce";
      const creationTimestamp = created.get(name);
      return modeOf(scheme, { labels, ...(creationTimestamp === undefined ? {} : { creationTimestamp }) }, installedAt) === "enforce";
    };
    const standing = (name: string, labels: Labels) => ({ enforced: enforced(name, labels), handedDown: Object.fromEntries(inheritedLabels(scheme, labels)) });
    this.#model = ClusterModel.of(inventory, { plan: addressPlan(configuration), standing, complete }, boundariesOf(inventory, configuration));
    // What a cluster would have before the first pod.
    for (const [name, labels] of inventory.namespaces) {
      const deny = isolation(name, defaultDenyName);
      if (enforced(name, labels) && this.#model.network.policy(deny.reference) === undefined) this.#model.setPolicy(deny);
    }
  }

  current(attributes: Attributes): ClusterModel {
    this.#restore();
    this.#restore = this.#takeOut(attributes);
    return this.#model;
  }

  /** What is judged is taken out, or put back to what it was; a scan judges what stands. */
  #takeOut(attributes: Attributes): () => void {
    const { kind, operation, object, oldObject } = attributes;
    const metadata = (object ?? oldObject)?.metadata;
    if (operation === "AUDIT" || metadata === undefined) return () => {};
    if (isNamespace(kind)) return this.#takeOutNamespace(metadata.name ?? "", oldObject);
    const written = (of: KubernetesObject | undefined) => (of === undefined ? undefined : compilePolicy(kind, objectOf(attributes, of)));
    const own = written(object ?? oldObject);
    if (own === undefined) return () => {};
    const known = this.#model.network.policy(own.reference);
    const before = written(oldObject);
    if (before === undefined) this.#model.removePolicy(own.reference);
    else this.#model.setPolicy(before);
    return () => (known === undefined ? this.#model.removePolicy(own.reference) : this.#model.setPolicy(known));
  }

  #takeOutNamespace(name: string, before: KubernetesObject | undefined): () => void {
    const known = this.#model.network.labels(name);
    // A namespace that is new has been there for what stands in it: its own moves are what is judged.
    if (before === undefined || known === undefined) return () => {};
    this.#model.setNamespace(name, withNameLabel(name, before.metadata?.labels));
    return () => this.#model.setNamespace(name, known);
  }
}
