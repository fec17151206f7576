import { expect, test } from "vitest";
import { appLabelValue } from "./app-name.ts";

test("a name that fits is its own label", () => {
  expect(appLabelValue("payments-api")).toBe("payments-api");
  expect(appLabelValue("a".repeat(63))).toBe("a".repeat(63));
});

test("a long name is cut to 63 characters with a hash, and two long names stay apart", () => {
  const one = appLabelValue(`${"a".repeat(80)}-one`);
  const two = appLabelValue(`${"a".repeat(80)}-two`);
  expect(one).toHaveLength(63);
  expect(one).not.toBe(two);
});

test("a cut that ends on punctuation is trimmed to a legal label value", () => {
  expect(appLabelValue(`${"a".repeat(50)}....${"b".repeat(40)}`)).toMatch(/^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/);
});
