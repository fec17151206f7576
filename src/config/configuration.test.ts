import { expect, test } from "vitest";
import { completeConfiguration } from "./configuration.ts";

const least = { endpoint: { service: { name: "firebreak" } } };

test("the least configuration is completed with defaults, and frozen", () => {
  const configuration = completeConfiguration(least, "test");
  expect(configuration.listen).toEqual({ host: "::", port: 8443 });
  expect(configuration.labels.keys.tenant).toBe("firebreak.dev/tenant");
  expect(Object.isFrozen(configuration.labels.keys)).toBe(true);
});

test("our own namespace is always excluded", () => {
  expect(completeConfiguration({ ...least, namespace: "guard", excludedNamespaces: ["kube-system"] }, "test").excludedNamespaces).toEqual([
    "kube-system",
    "guard",
  ]);
});

test.each([
  [{ ...least, typo: 1 }, "typo"],
  [{ ...least, packs: [] }, "packs"],
  [{}, "endpoint"],
  [{ ...least, endpoint: { url: "http://plain" } }, "endpoint"],
  [{ ...least, evaluation: { evaluationMillis: 60_000 } }, "evaluation.evaluationMillis"],
  [{ ...least, labels: { keys: { tenant: "not a key" } } }, "labels.keys.tenant"],
  [{ ...least, packs: [{ path: "x", parameters: { "SEG-OP-001": { allow: [{ namespace: "a", reason: "no expiry" }] } } }] }, "expires"],
  [null, "test"],
])("a wrong field is named: %#", (raw, field) => {
  expect(() => completeConfiguration(raw, "test")).toThrow(field);
});
