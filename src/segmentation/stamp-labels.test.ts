import fc from "fast-check";
import jsonPatch from "fast-json-patch";
import { expect, test } from "vitest";
import type { Attributes, Operation } from "../model/attributes.ts";
import { defaultLabelKeys } from "../model/segmentation-labels.ts";
import { replicaSetRoot, workloadName } from "./root-owner.ts";
import { stampLabels } from "./stamp-labels.ts";

const inherited = { "firebreak.dev/tenant": "a" };

function request(kind: string, object: object, operation: Operation = "CREATE", oldObject?: object): Attributes {
  const group = kind === "Pod" || kind === "ReplicationController" ? "" : kind === "Job" || kind === "CronJob" ? "batch" : "apps";
  return {
    uid: "1",
    phase: "mutating",
    operation,
    kind: { group, version: "v1", kind },
    resource: { group, version: "v1", resource: "x" },
    subResource: "",
    namespace: "shop",
    name: "web",
    user: { username: "dev", groups: [], extra: {} },
    dryRun: false,
    object: object as never,
    ...(oldObject === undefined ? {} : { oldObject: oldObject as never }),
  };
}

function paths(attributes: Attributes) {
  return stampLabels(attributes, inherited, "web", defaultLabelKeys).map(({ path }) => path);
}

const template = (label: string) => ({ spec: { replicas: 1, template: { metadata: { labels: { app: label } }, spec: {} } } });

test("a pod gets its labels at CREATE only", () => {
  expect(paths(request("Pod", {}))).toEqual(["/metadata", "/metadata/labels", "/metadata/labels/firebreak.dev~1tenant", "/metadata/labels/firebreak.dev~1app"]);
  expect(paths(request("Pod", {}, "UPDATE", {}))).toEqual([]);
});

test("a Deployment's template is stamped at CREATE and when the template changes, not when it is scaled or annotated", () => {
  expect(paths(request("Deployment", template("a")))).toHaveLength(2);
  expect(paths(request("Deployment", { ...template("a"), metadata: { annotations: { x: "y" } } }, "UPDATE", template("a")))).toEqual([]);
  expect(paths(request("Deployment", template("b"), "UPDATE", template("a")))).toHaveLength(2);
});

test.each(["ReplicaSet", "ReplicationController"])("a %s is never stamped", (kind) => {
  expect(paths(request(kind, template("a")))).toEqual([]);
});

test("a workload that a controller made is left to it", () => {
  const owned = { ...template("a"), metadata: { ownerReferences: [{ apiVersion: "x/v1", kind: "Operator", name: "o", uid: "u", controller: true }] } };
  expect(paths(request("StatefulSet", owned))).toEqual([]);
});

test("a Job is stamped at CREATE and never at UPDATE: its template is immutable", () => {
  expect(paths(request("Job", template("a")))).toHaveLength(2);
  expect(paths(request("Job", template("b"), "UPDATE", template("a")))).toEqual([]);
});

test("a mirror pod is left alone when its own kubelet sends it, and stamped when anybody else does", () => {
  const mirror = { metadata: { annotations: { "kubernetes.io/config.mirror": "h" } }, spec: { nodeName: "n1" } };
  expect(paths(request("Pod", mirror))).not.toEqual([]);
  expect(paths({ ...request("Pod", mirror), user: { username: "system:node:n1", groups: [], extra: {} } })).toEqual([]);
});

test("a different value is left for validation to refuse", () => {
  expect(paths(request("Pod", { metadata: { labels: { "firebreak.dev/tenant": "b", "firebreak.dev/app": "x" } } }))).toEqual([]);
});

test("stamping twice changes nothing, whatever else the object holds", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }),
      fc.constantFrom("Pod", "Deployment", "CronJob", "Job"),
      (extra, kind) => {
        const object = { ...extra, metadata: { labels: { keep: "me" } }, spec: { ...template("a").spec, jobTemplate: template("a"), extra } };
        const first = stampLabels(request(kind, object), inherited, "web", defaultLabelKeys);
        const patched = jsonPatch.applyPatch(structuredClone(object), structuredClone(first) as jsonPatch.Operation[], true).newDocument;
        expect(patched.spec.extra).toEqual(object.spec.extra);
        expect(stampLabels(request(kind, patched), inherited, "web", defaultLabelKeys)).toEqual([]);
      },
    ),
  );
});

test("the root owner of a Deployment's pod is the Deployment; a hand-made ReplicaSet is its own root", () => {
  const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web-5d4f", uid: "u", controller: true };
  expect(replicaSetRoot({ metadata: { labels: { "pod-template-hash": "5d4f" } } }, owner)).toBe("web");
  expect(replicaSetRoot({}, owner)).toBe("web-5d4f");
});

test("under generateName a workload is known by its prefix", () => {
  expect(workloadName({ metadata: { generateName: "batch-" } })).toBe("batch");
  expect(workloadName({ metadata: { name: "x", generateName: "batch-" } })).toBe("x");
  expect(workloadName({})).toBeUndefined();
});
