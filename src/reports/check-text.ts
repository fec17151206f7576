import type { Checked } from "../model/checked.ts";
import type { Effect, Result } from "../model/decision.ts";
import { type Paint, printable } from "./paint.ts";

const words: Readonly<Record<Effect, string>> = { deny: "denied", warn: "warned", dryrun: "noted", exempted: "exempted", undetermined: "undetermined" };

/** What `firebreak check` says to people: each object with something to say, then one line for all. */
export function checkText(checked: readonly Checked[], paint: Paint): string {
  const spoken = checked.filter(({ decision }) => decision.results.length > 0);
  return [...spoken.map((one) => objectText(one, paint)), summary(checked, paint)].join("\n\n");
}

function objectText(one: Checked, paint: Paint): string {
  const { file, object, decision } = one;
  const head = `${paint.bold(printable(object))}  ${paint.dim(`${file}:${one.lineOf("")}`)}`;
  return [head, ...decision.results.flatMap((result) => resultLines(one, result, paint))].join("\n");
}

function resultLines({ file, lineOf }: Checked, result: Result, paint: Paint): string[] {
  const { effect, ruleId, message, path, fix, preExisting, missing } = result;
  const mark = {
    deny: paint.red("✗ denied"),
    warn: paint.yellow("! warned"),
    dryrun: paint.dim("· noted"),
    exempted: paint.dim("· exempted"),
    undetermined: paint.yellow("? undetermined"),
  }[effect];
  const controls = result.controls.slice(0, 3).map(({ framework, id }) => `${framework} ${id}`);
  return [
    `  ${mark} ${paint.bold(ruleId)} ${preExisting ? "already there: " : ""}${printable(message)}`,
    paint.dim(`      at ${printable(path)} (${file}:${lineOf(path)})`),
    `      fix: ${printable(fix)}`,
    ...(missing === undefined ? [] : [`      not known here: ${missing.join(", ")} (--facts FILE, --cluster${missing.includes("user") ? ", --as USER" : ""})`]),
    paint.dim(`      supports ${controls.join(", ")}`),
  ];
}

function summary(checked: readonly Checked[], paint: Paint): string {
  const results = checked.flatMap(({ decision }) => decision.results);
  const counts = Object.entries(words)
    .map(([effect, word]) => ({ word, count: results.filter((result) => result.effect === effect).length }))
    .filter(({ count }) => count > 0)
    .map(({ word, count }) => `${count} ${word}`);
  const objects = `${checked.length} ${checked.length === 1 ? "object" : "objects"} judged`;
  return counts.length === 0 ? paint.green(`${objects}: nothing to say`) : `${objects}: ${counts.join(", ")}`;
}
