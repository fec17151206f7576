import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { decodeReview } from "../../src/admission/review.ts";
import type { GuardrailEngine } from "../../src/guardrails/engine.ts";
import type { Facts } from "../../src/model/facts.ts";
import type { KubernetesObject } from "../../src/model/kubernetes.ts";
import { core, enforced, realGuardrails } from "./core.ts";

/** An example beside a rule; the beginning of its file's name says what becomes of it. */
interface Example {
  readonly operation: "CREATE" | "UPDATE" | "DELETE";
  readonly object?: KubernetesObject;
  readonly oldObject?: KubernetesObject;
  readonly facts?: Facts;
  readonly namespaceLabels?: Record<string, string>;
}

const pack = join(import.meta.dirname, "..", "..", "policies", "packs", "segmentation_baseline");
const files = readdirSync(pack, { recursive: true, encoding: "utf8" }).filter((file) => file.includes("/examples/"));
let guardrails: GuardrailEngine;

beforeAll(async () => {
  guardrails = await realGuardrails();
});
afterAll(() => guardrails.close());

test("every rule has an example that it objects to and one that it leaves alone", () => {
  const byRule = Map.groupBy(files, (file) => file.split("/")[0]);
  expect(byRule.size).toBe(12);
  for (const [rule, examples] of byRule) {
    const names = examples.map((file) => basename(file, ".yaml"));
    expect(names, rule).toContain("clean");
    expect(
      names.some((name) => name.startsWith("denied") || name.startsWith("warned")),
      rule,
    ).toBe(true);
  }
});

test.each(files)("%s", async (file) => {
  const example = parse(readFileSync(join(pack, file), "utf8")) as Example;
  const review = reviewOf(example);
  const decoded = decodeReview(review, "validating");
  if (!decoded.ok) throw new Error(decoded.message);
  const namespace = { ...enforced.namespace, labels: { ...enforced.namespace?.labels, ...example.namespaceLabels } } as NonNullable<Facts["namespace"]>;
  const facts = { ...enforced, ...example.facts, namespace };
  const decision = await core(guardrails, facts).decide({ attributes: decoded.attributes, review, deadline: Date.now() + 5000, failurePolicy: "Fail" });
  const rule = (file.split("/")[0] ?? "").toUpperCase().replaceAll("_", "-");
  const [expected] = basename(file, ".yaml").split("-");
  const effects = decision.results.filter(({ ruleId }) => ruleId === rule).map(({ effect }) => effect);
  const wanted = { denied: "deny", warned: "warn", exempted: "exempted" }[expected as string];
  expect(decision.failure).toBeUndefined();
  if (wanted === undefined) expect(decision.results).toEqual([]);
  else expect(effects).toContain(wanted);
  expect(decision.outcome).toBe(expected === "denied" ? "refused" : "allowed");
});

function reviewOf({ operation, object, oldObject }: Example): Uint8Array {
  const some = object ?? oldObject;
  const [group, version] = some?.apiVersion?.includes("/") ? some.apiVersion.split("/") : ["", some?.apiVersion];
  const kind = { group, version, kind: some?.kind };
  const resource = { group, version, resource: `${some?.kind?.toLowerCase()}s` };
  const request = {
    uid: "u-1",
    operation,
    kind,
    resource,
    name: some?.metadata?.name,
    namespace: some?.metadata?.namespace,
    userInfo: { username: "alice" },
    object,
    oldObject,
  };
  return new TextEncoder().encode(JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request }));
}
