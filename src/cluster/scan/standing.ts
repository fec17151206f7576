import type { Decision } from "../../model/decision.ts";
import type { KubernetesObject } from "../../model/kubernetes.ts";
import type { ObjectReference, ScanFinding, ScannedPlace } from "../../model/scan.ts";
import { controllerOf, replicaSetRoot } from "../../segmentation/root-owner.ts";

interface Judged {
  readonly namespace: string;
  readonly error: boolean;
  readonly findings: readonly ScanFinding[];
}

/** What is known of everything that stands: by object, so that a change of one is a change of one. */
export class Standing {
  readonly #byObject = new Map<string, Judged>();
  readonly #dirty = new Set<string>();

  /** Keeps what a decision says of an object. `key` tells objects of all kinds apart. */
  keep(key: string, object: KubernetesObject, decision: Decision): void {
    const namespace = object.kind === "Namespace" ? (object.metadata?.name ?? "") : (object.metadata?.namespace ?? "");
    const subject = subjectOf(object);
    const findings = decision.results.map(
      (result): ScanFinding => ({
        ruleId: result.ruleId,
        title: result.title,
        severity: result.severity,
        tier: result.tier,
        controls: result.controls,
        pack: result.pack,
        rulePack: result.rulePack,
        message: result.message,
        path: result.path,
        fix: result.fix,
        effect: result.effect,
        enforced: result.enforced,
        exemptions: result.exemptions ?? [],
        subject,
      }),
    );
    this.#set(key, { namespace, error: decision.failure !== undefined, findings });
  }

  /** Keeps what is amiss with what belongs to the cluster and is no kind that rules judge. */
  keepFindings(key: string, findings: readonly ScanFinding[]): void {
    this.#set(key, { namespace: "", error: false, findings });
  }

  forget(key: string): void {
    const known = this.#byObject.get(key);
    if (known === undefined) return;
    this.#byObject.delete(key);
    this.#dirty.add(known.namespace);
  }

  /** Forgets all objects of a kind that are not among those that were just seen. */
  keepOnly(prefix: string, seen: ReadonlySet<string>): void {
    for (const key of this.#byObject.keys()) if (key.startsWith(prefix) && !seen.has(key)) this.forget(key);
  }

  clear(): void {
    this.#byObject.clear();
    this.#dirty.clear();
  }

  /** Places where something changed since this was last asked, as they are now. */
  takeChanged(): ScannedPlace[] {
    const dirty = new Set(this.#dirty);
    this.#dirty.clear();
    return this.#places((namespace) => dirty.has(namespace), dirty);
  }

  /** Everything that stands. */
  places(): ScannedPlace[] {
    return this.#places(() => true, new Set());
  }

  #set(key: string, judged: Judged): void {
    const before = this.#byObject.get(key);
    this.#byObject.set(key, judged);
    if (before === undefined || JSON.stringify(before) !== JSON.stringify(judged)) this.#dirty.add(judged.namespace);
  }

  #places(wanted: (namespace: string) => boolean, also: ReadonlySet<string>): ScannedPlace[] {
    const places = new Map<string, { objects: number; errors: number; findings: ScanFinding[] }>(
      [...also].map((namespace) => [namespace, { objects: 0, errors: 0, findings: [] }]),
    );
    for (const { namespace, error, findings } of this.#byObject.values()) {
      if (!wanted(namespace)) continue;
      const place = places.get(namespace) ?? { objects: 0, errors: 0, findings: [] };
      places.set(namespace, place);
      place.objects += 1;
      place.errors += error ? 1 : 0;
      place.findings.push(...findings);
    }
    return [...places]
      .map(([namespace, { objects, errors, findings }]) => ({ namespace, objects, errors, findings: onceForEachSubject(findings) }))
      .sort((a, b) => (a.namespace < b.namespace ? -1 : 1));
  }
}

/** A pod says what its template says already: a rule is broken once by a workload, not once by each of its pods. */
function onceForEachSubject(findings: readonly ScanFinding[]): ScanFinding[] {
  const seen = new Map(
    findings.map((finding) => [JSON.stringify([finding.ruleId, finding.rulePack, finding.message, finding.subject.kind, finding.subject.name]), finding]),
  );
  return [...seen.values()];
}

/** The workload at the root of what stands; what nothing controls is its own. */
function subjectOf(object: KubernetesObject): ObjectReference {
  const { metadata = {} } = object;
  const controller = controllerOf(object);
  const place = metadata.namespace === undefined ? {} : { namespace: metadata.namespace };
  if (controller === undefined || object.kind !== "Pod")
    return {
      apiVersion: object.apiVersion ?? "v1",
      kind: object.kind ?? "",
      name: metadata.name ?? "",
      ...place,
      ...(metadata.uid === undefined ? {} : { uid: metadata.uid }),
    };
  const root = controller.kind === "ReplicaSet" ? replicaSetRoot(object, controller) : controller.name;
  const kind = controller.kind === "ReplicaSet" && root !== controller.name ? "Deployment" : controller.kind;
  return { apiVersion: controller.apiVersion, kind, name: root, ...place };
}
