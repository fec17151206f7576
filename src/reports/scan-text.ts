import { type ScanFinding, type ScannedPlace, scanResultOf } from "../model/scan.ts";
import { type Paint, printable } from "./paint.ts";

/** More than so many subjects of one message are counted, not listed. */
const listedMost = 10;

/** What `firebreak scan` says to people: what stands in each place, gravest first, then one line for all. */
export function scanText(places: readonly ScannedPlace[], unread: readonly string[], paint: Paint): string {
  const spoken = places.filter(({ findings }) => findings.some((finding) => scanResultOf(finding) !== "skip"));
  const blocks = spoken.map((place) => [paint.bold(place.namespace || "(the cluster itself)"), ...groupLines(place.findings, paint)].join("\n"));
  return [
    ...blocks,
    ...(unread.length === 0 ? [] : [unread.map((line) => `${paint.yellow("not judged:")} ${printable(line)}`).join("\n")]),
    summary(places, paint),
  ].join("\n\n");
}

function groupLines(findings: readonly ScanFinding[], paint: Paint): string[] {
  const shown = findings.filter((finding) => scanResultOf(finding) !== "skip");
  const same = [...Map.groupBy(shown, ({ ruleId, message, enforced }) => JSON.stringify([enforced, ruleId, message])).values()];
  same.sort(([a], [b]) => order(a as ScanFinding) - order(b as ScanFinding) || ((a as ScanFinding).ruleId < (b as ScanFinding).ruleId ? -1 : 1));
  return same.flatMap((group) => {
    const [first] = group as [ScanFinding];
    const names = group.slice(0, listedMost).map(({ subject }) => `${subject.kind}/${subject.name}`);
    const more = group.length > listedMost ? ` and ${group.length - listedMost} more` : "";
    const mark = scanResultOf(first) === "fail" ? paint.red("✗ fails") : paint.yellow("! warns");
    return [
      `  ${mark} ${paint.bold(first.ruleId)} ${printable(first.message)}`,
      `      ${printable(names.join(", "))}${more}`,
      paint.dim(`      fix: ${printable(first.fix)}`),
    ];
  });
}

function order(finding: ScanFinding): number {
  return (scanResultOf(finding) === "fail" ? 0 : 10) + ["critical", "high", "medium", "low"].indexOf(finding.severity);
}

function summary(places: readonly ScannedPlace[], paint: Paint): string {
  const findings = places.flatMap((place) => place.findings);
  const count = (what: (finding: ScanFinding) => boolean) => findings.filter(what).length;
  const objects = places.reduce((sum, place) => sum + place.objects, 0);
  const counts = [
    [count((finding) => scanResultOf(finding) === "fail"), "fail"],
    [count((finding) => scanResultOf(finding) === "warn"), "warn"],
    [count(({ effect }) => effect === "exempted"), "exempted"],
    [count(({ effect }) => effect === "undetermined"), "undetermined"],
    [places.reduce((sum, { errors }) => sum + errors, 0), "not judged"],
  ] as const;
  const said = counts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`);
  const line = `${objects} ${objects === 1 ? "object" : "objects"} judged: ${said.join(", ") || "nothing to say"}`;
  return said.length === 0 ? paint.green(line) : line;
}
