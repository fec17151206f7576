import { expect, test } from "vitest";
import { covers } from "./covers.ts";

const ours = {
  rules: [{ operations: ["CREATE"] }],
  objectSelector: {},
  matchConditions: [],
  namespaceSelector: { matchExpressions: [{ key: "mode", operator: "In", values: ["enforce"] }] },
};
const stored = { rules: [{ operations: ["CREATE"], extra: "default" }], objectSelector: {}, namespaceSelector: ours.namespaceSelector };

test("what the API server defaults or leaves out is no difference", () => {
  expect(covers(stored, ours)).toBe(true);
});

test("a requirement that a cloud adds to a selector stays", () => {
  const added = { key: "control-plane", operator: "DoesNotExist" };
  expect(covers({ ...stored, namespaceSelector: { matchExpressions: [...ours.namespaceSelector.matchExpressions, added] } }, ours)).toBe(true);
});

test.each([
  ["a selector that lost our requirement", { ...stored, namespaceSelector: { matchExpressions: [] } }],
  ["an object selector, by which a user could opt out", { ...stored, objectSelector: { matchLabels: { skip: "me" } } }],
  ["a rule that is gone", { ...stored, rules: [] }],
  ["a rule that matches something else", { ...stored, rules: [{ operations: ["DELETE"] }] }],
  ["a condition that never holds", { ...stored, matchConditions: [{ name: "never", expression: "false" }] }],
])("%s is put right", (_, found) => {
  expect(covers(found, ours)).toBe(false);
});
