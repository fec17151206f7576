import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { errorCodes } from "../../src/model/errors.ts";

test("docs/errors.md has a section for each error code, and for no other", () => {
  const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "errors.md"), "utf8");
  const documented = [...page.matchAll(/^## (FBR_[A-Z_]+)$/gm)].map(([, code]) => code);
  expect(documented.sort()).toEqual(Object.keys(errorCodes).sort());
});
