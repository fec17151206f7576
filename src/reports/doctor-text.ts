import type { Examination } from "../model/examination.ts";
import { type Paint, printable } from "./paint.ts";

/** What `firebreak doctor` says to people: a line for each thing that it looked at. */
export function doctorText(examinations: readonly Examination[], paint: Paint): string {
  const width = Math.max(...examinations.map(({ name }) => name.length)) + 2;
  const marks = { ok: paint.green("✓"), warn: paint.yellow("!"), fail: paint.red("✗"), unknown: paint.dim("?") };
  const lines = examinations.flatMap(({ name, status, detail, fix }) => [
    `${marks[status]} ${name.padEnd(width)}${printable(detail)}`,
    ...(fix === undefined ? [] : [`  ${" ".repeat(width)}${paint.bold("fix:")} ${fix}`]),
  ]);
  return lines.join("\n");
}
