import type { Paint } from "./paint.ts";
import { printable } from "./paint.ts";

interface Change {
  readonly change: "added" | "removed" | "tighter" | "looser" | "changed";
  readonly subject: string;
  readonly text: string;
}

const marks: Readonly<Record<Change["change"], string>> = {
  added: "+ added",
  removed: "- removed",
  tighter: "▲ tighter",
  looser: "▼ looser",
  changed: "~ changed",
};

/** What `firebreak pack diff` says to people. */
export function packDiffText(changes: readonly Change[], before: string, after: string, paint: Paint): string {
  const head = `${before} → ${after}`;
  if (changes.length === 0) return `${head}: nothing changes`;
  const colours: Readonly<Record<Change["change"], (text: string) => string>> = {
    added: paint.yellow,
    removed: paint.red,
    tighter: paint.yellow,
    looser: paint.red,
    changed: paint.dim,
  };
  const width = Math.max(...changes.map(({ subject }) => subject.length));
  const lines = changes.map(
    ({ change, subject, text }) => `  ${colours[change](marks[change].padEnd(10))} ${paint.bold(subject.padEnd(width))}  ${printable(text)}`,
  );
  return [paint.bold(head), ...lines].join("\n");
}

interface Inspected {
  readonly name: string;
  readonly version: string;
  readonly tier: string;
  readonly digest: string;
  readonly opa: string;
  readonly signedBy: string | undefined;
  readonly rules: readonly { readonly id: string; readonly title: string; readonly action: string; readonly severity: string }[];
  readonly profiles: readonly string[];
  readonly tests: { readonly rego: number; readonly cases: number } | undefined;
}

/** What `firebreak pack inspect` says to people. */
export function packInspectText(pack: Inspected, paint: Paint): string {
  const { rules, tests } = pack;
  const width = Math.max(...rules.map(({ id }) => id.length));
  return [
    `${paint.bold(`${pack.name} ${pack.version}`)}  ${pack.tier}, ${rules.length} ${rules.length === 1 ? "rule" : "rules"}, OPA ${pack.opa}`,
    `digest    ${pack.digest}`,
    `signed    ${pack.signedBy ?? paint.yellow("not signed")}`,
    `tests     ${tests === undefined ? paint.yellow("none recorded") : `${tests.rego} in Rego, ${tests.cases} cases`}`,
    `profiles  ${pack.profiles.join(", ") || "none"}`,
    "",
    ...rules.map(({ id, title, action, severity }) => `  ${id.padEnd(width)}  ${action.padEnd(6)} ${severity.padEnd(8)} ${printable(title)}`),
  ].join("\n");
}
