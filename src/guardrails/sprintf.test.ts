import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { obtainOpa } from "../../tools/obtain/opa.ts";
import { sprintf } from "./sprintf.ts";

const calls: readonly (readonly [format: string, values: readonly unknown[]])[] = [
  ["plain", []],
  ["%s and %v", ["a", 5]],
  ["%d of %d", [1, -2]],
  ["%v", [1.5]],
  ["%v", [{ b: [1, "x"], a: null }]],
  ["%v %v", [true, []]],
  ["%5d|%-5d|%05d|%+d", [42, 42, -42, 42]],
  ["%x %X %o %b %c %U", [255, 255, 8, 5, 65, 8364]],
  ["%x %q", ["hi", 'a"b']],
  ["%.2f %f %e", [1.005, 0.5, 12345.678]],
  ["%.3s|%8s|%-8s|", ["abcdef", "ab", "ab"]],
  ["%d %s", ["text", 5]],
  ["%d %d", [1]],
  ["%d", [1, "more", 2.5, 3]],
  ["100%%", []],
  ["%z", [1]],
];

test("says what OPA's own sprintf says: Rego tests run there, requests are judged here", async () => {
  const opa = await obtainOpa();
  const query = `[${calls.map(([format, values]) => `sprintf(${JSON.stringify(format)}, ${JSON.stringify(values)})`).join(", ")}]`;
  const { result } = JSON.parse(execFileSync(opa, ["eval", "-f", "json", query], { encoding: "utf8" }));
  expect(calls.map(([format, values]) => sprintf(format, values))).toEqual(result[0].expressions[0].value);
});

test("a text that would fill the memory is refused before it does", () => {
  expect(() => sprintf("%30000000s", ["x"])).toThrow("a width of 30000000 is more than 1000");
  expect(() => sprintf("%.99999999f", [1.5])).toThrow("is more than 1000");
  expect(() =>
    sprintf(
      "%s".repeat(10),
      Array.from({ length: 10 }, () => "x".repeat(10_000)),
    ),
  ).toThrow("longer than");
});
