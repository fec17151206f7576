import type { ScanFinding, ScannedPlace } from "./scan.ts";
import { scanResultOf } from "./scan.ts";

/** What another revision of a pack would change for something that stands. */
export interface PreviewRow {
  readonly change: "newly denied" | "newly allowed" | "unchanged" | "undetermined";
  readonly ruleId: string;
  readonly namespace: string;
  /** `Deployment/web` */
  readonly owner: string;
  readonly message: string;
}

/** Compares what two revisions of a pack say of the same things; only what denies counts, as if it were enforced. */
export function previewOf(before: readonly ScannedPlace[], after: readonly ScannedPlace[]): PreviewRow[] {
  const [old, young] = [before, after].map(denials) as [Map<string, PreviewRow>, Map<string, PreviewRow>];
  const rows = [
    ...[...young].map(([key, row]) => ({ ...row, change: old.has(key) ? ("unchanged" as const) : ("newly denied" as const) })),
    ...[...old].filter(([key]) => !young.has(key)).map(([, row]) => ({ ...row, change: "newly allowed" as const })),
    ...after.flatMap(({ namespace, findings }) =>
      findings.filter(({ effect }) => effect === "undetermined").map((finding) => rowOf(namespace, finding, "undetermined")),
    ),
  ];
  return rows.sort((a, b) => compare(a, b));
}

function denials(places: readonly ScannedPlace[]): Map<string, PreviewRow> {
  const found = places.flatMap(({ namespace, findings }) =>
    findings.filter((finding) => scanResultOf(finding) === "fail").map((finding) => ({ namespace, finding })),
  );
  return new Map(
    found.map(({ namespace, finding }) => [
      JSON.stringify([finding.ruleId, namespace, finding.subject.kind, finding.subject.name]),
      rowOf(namespace, finding, "unchanged"),
    ]),
  );
}

function rowOf(namespace: string, { ruleId, subject, message }: ScanFinding, change: PreviewRow["change"]): PreviewRow {
  return { change, ruleId, namespace, owner: `${subject.kind}/${subject.name}`, message };
}

function compare(a: PreviewRow, b: PreviewRow): number {
  const key = ({ ruleId, namespace, owner }: PreviewRow) => `${ruleId} ${namespace} ${owner}`;
  return key(a) < key(b) ? -1 : 1;
}
