import fc from "fast-check";
import jsonPatch from "fast-json-patch";
import { expect, test } from "vitest";
import { addAbsentKeys, pointer } from "./json-patch.ts";

const labels = ["metadata", "labels"];

test("a slash and a tilde in a key are escaped as RFC 6901 says", () => {
  expect(pointer(["metadata", "labels", "firebreak.dev/a~b"])).toBe("/metadata/labels/firebreak.dev~1a~0b");
});

test("missing parents are created before the key", () => {
  expect(addAbsentKeys({}, labels, new Map([["k", "v"]]))).toEqual([
    { op: "add", path: "/metadata", value: {} },
    { op: "add", path: "/metadata/labels", value: {} },
    { op: "add", path: "/metadata/labels/k", value: "v" },
  ]);
});

test("a key that is there keeps its value", () => {
  expect(addAbsentKeys({ metadata: { labels: { k: "theirs" } } }, labels, new Map([["k", "ours"]]))).toEqual([]);
});

test("a key named constructor is absent until the user writes it", () => {
  expect(addAbsentKeys({ metadata: { labels: {} } }, labels, new Map([["constructor", "v"]]))).toHaveLength(1);
});

const anyObject = fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true });
const wantedKeys = fc.dictionary(fc.stringMatching(/^[a-z./~]{1,12}$/), fc.string(), { noNullPrototype: true });

test("patches apply, unknown fields survive, and patching twice changes nothing", () => {
  fc.assert(
    fc.property(anyObject, wantedKeys, wantedKeys, (unknown, present, wanted) => {
      const object = { ...unknown, metadata: { labels: present, unknownField: unknown } };
      const map = new Map(Object.entries(wanted));
      const operations = addAbsentKeys(object, labels, map);
      const patched = jsonPatch.applyPatch(structuredClone(object), structuredClone(operations) as jsonPatch.Operation[], true).newDocument;
      expect(patched.metadata.unknownField).toEqual(unknown);
      expect(patched.metadata.labels).toEqual({ ...wanted, ...present });
      expect(addAbsentKeys(patched, labels, map)).toEqual([]);
    }),
  );
});
