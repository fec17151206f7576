import { z } from "zod";
import { FirebreakError } from "../../model/errors.ts";
import { textOf } from "../bundle/bundle.ts";
import type { Files } from "../bundle/tar.ts";

/** The name of the report of tests in a bundle. */
export const testsFile = "tests.json";

/** What was tested before a bundle was built. It has no times: the same sources give the same bytes. */
const testsReport = z.strictObject({
  rego: z.strictObject({ passed: z.int(), uncovered: z.array(z.string()) }),
  cases: z.strictObject({ passed: z.int(), rules: z.record(z.string(), z.strictObject({ found: z.int(), silent: z.int() })) }),
});
export type TestsReport = z.infer<typeof testsReport>;

/** @throws FirebreakError FBR_PACK_TESTS where the bundle was built without tests. */
export function readReport(files: Files): TestsReport {
  if (!files.has(testsFile)) throw new FirebreakError("FBR_PACK_TESTS", "the bundle has no report of its tests; build it with firebreak pack build");
  const parsed = testsReport.safeParse(JSON.parse(textOf(files, testsFile)));
  if (!parsed.success) throw new FirebreakError("FBR_BUNDLE_INVALID", `${testsFile}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
