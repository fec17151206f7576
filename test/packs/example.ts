import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parse } from "yaml";
import type { Facts } from "../../src/model/facts.ts";
import type { KubernetesObject } from "../../src/model/kubernetes.ts";
import type { Mode } from "../../src/model/mode.ts";

const pack = join(import.meta.dirname, "..", "..", "policies", "packs", "segmentation_baseline");

/** What a file beside a rule says. Facts that are not given are those of an enforced namespace of the tenant acme. */
export interface Example {
  readonly operation: "CREATE" | "UPDATE" | "DELETE";
  readonly subResource?: string;
  readonly object?: KubernetesObject;
  readonly oldObject?: KubernetesObject;
  readonly facts?: Facts;
  readonly namespaceLabels?: Record<string, string>;
  readonly mode?: Mode;
}

/** The beginning of a file's name says what becomes of it. */
export type Expected = "denied" | "warned" | "exempted" | "clean";

export interface ExampleFile {
  /** `seg_op_001/examples/denied.yaml` */
  readonly file: string;
  readonly ruleId: string;
  readonly expected: Expected;
  readonly example: Example;
}

export const exampleFiles: readonly ExampleFile[] = readdirSync(pack, { recursive: true, encoding: "utf8" })
  .filter((file) => file.includes("/examples/") && basename(file) !== "parameters.yaml")
  .sort()
  .map((file) => ({
    file,
    ruleId: ruleIdOf(file),
    expected: basename(file, ".yaml").split("-")[0] as Expected,
    example: parse(readFileSync(join(pack, file), "utf8"), { merge: true }) as Example,
  }));

/** Parameters that the examples of a rule are judged with, by rule id: a rule that needs a list says nothing without one. */
export const exampleParameters: Readonly<Record<string, Record<string, unknown>>> = Object.fromEntries(
  readdirSync(pack, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(pack, entry.name, "examples", "parameters.yaml")))
    .map(({ name }) => [ruleIdOf(name), parse(readFileSync(join(pack, name, "examples", "parameters.yaml"), "utf8"))]),
);

/** The place of regulated data in examples. */
export const exampleEnclaves = { environment: ["enclave"] };

function ruleIdOf(file: string): string {
  return (file.split("/")[0] ?? "").toUpperCase().replaceAll("_", "-");
}

/** The AdmissionReview that an API server would send for an example. */
export function reviewOf({ operation, subResource, object, oldObject }: Example): Uint8Array {
  const some = object ?? oldObject;
  const [group, version] = some?.apiVersion?.includes("/") ? some.apiVersion.split("/") : ["", some?.apiVersion];
  const request = {
    uid: "u-1",
    operation,
    kind: { group, version, kind: some?.kind },
    resource: { group, version, resource: `${some?.kind?.toLowerCase()}s` },
    subResource,
    name: some?.metadata?.name,
    namespace: some?.metadata?.namespace,
    userInfo: { username: "alice", groups: ["acme-developers"] },
    object,
    oldObject,
  };
  return new TextEncoder().encode(JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request }));
}
