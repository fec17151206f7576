import { expect, test } from "vitest";
import { parseDocuments } from "./documents.ts";

const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n";

test("documents of one file keep their numbers and lines; empty ones are passed over", () => {
  const found = parseDocuments("f.yaml", `# nothing\n---\n${pod}---\n\n---\n${pod}spec:\n  hostNetwork: yes\n`);
  expect(found.map(({ document, lineOf }) => [document, lineOf("")])).toEqual([
    [1, 3],
    [3, 9],
  ]);
  const last = found[1];
  expect(last?.lineOf("spec.hostNetwork")).toBe(13);
  expect(last?.lineOf("spec.containers[0].image")).toBe(13);
  // YAML 1.1, as kubectl reads it.
  expect(last?.object).toMatchObject({ spec: { hostNetwork: true } });
});

test("lists are taken apart, and each item knows its own lines", () => {
  const found = parseDocuments(
    "l.yaml",
    "apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: Pod\n    metadata: {name: a}\n  - apiVersion: v1\n    kind: Pod\n    metadata:\n      labels: {x/y: z}\n",
  );
  expect(found.map(({ object }) => object.kind)).toEqual(["Pod", "Pod"]);
  expect(found[1]?.lineOf('metadata.labels["x/y"]')).toBe(10);
});

test("JSON: one value, a list, and values that follow each other", () => {
  const one = JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name: "a" } }, null, 2);
  expect(parseDocuments("a.json", one)).toHaveLength(1);
  expect(parseDocuments("a.json", `${one}\n${one}\n`)).toHaveLength(2);
  expect(parseDocuments("a.json", `${JSON.stringify(JSON.parse(one))}\n${JSON.stringify(JSON.parse(one))}\n`).map(({ lineOf }) => lineOf(""))).toEqual([1, 2]);
});

test.each([
  ["no YAML", "a: [1", "document 1, line 1"],
  ["an indentation that does not fit", `${pod}spec:\n  a: 1\n c: 2\n`, "document 1, line 6"],
  ["a key twice", `${pod}kind: Service\n`, "document 1, line 4"],
  ["no kind", `${pod}---\nreplicas: 3\n`, "document 2, line 5: has no apiVersion and no kind"],
  ["a template", `${pod}spec: {{ .Values.spec }}\n`, "document 1, line 4"],
  ["a scalar", "hello", "is no object"],
  ["metadata that is none", "apiVersion: v1\nkind: Pod\nmetadata: 7\n", "metadata is no object"],
  [
    "aliases that explode",
    `a: &a [x,x,x,x,x,x,x,x,x]\n${["b", "c", "d", "e"].map((key, i) => `${key}: &${key} [${`*${"abcd"[i]},`.repeat(9)}]`).join("\n")}\n`,
    "line 1",
  ],
])("%s is bad input, with its place", (_what, text, said) => {
  expect(() => parseDocuments("f.yaml", text)).toThrow(expect.objectContaining({ code: "FBR_INPUT_INVALID", message: expect.stringContaining(said) }));
});

test("keys that name a prototype are keys", () => {
  const [document] = parseDocuments("p.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {constructor: b, __proto__: c}}\n");
  expect(Object.entries(document?.object.metadata?.labels ?? {})).toEqual([
    ["constructor", "b"],
    ["__proto__", "c"],
  ]);
});
