import { type ScanFinding, type ScannedPlace, type ScanResult, scanResultOf } from "../model/scan.ts";

/**
 * The formats that reports are written in. OpenReports followed the PolicyReport of the Kubernetes policy working group, and has its
 * fields; only the names of group and kinds differ.
 */
export const reportFormats = {
  openreports: {
    group: "openreports.io",
    version: "v1alpha1",
    kind: "Report",
    clusterKind: "ClusterReport",
    plural: "reports",
    clusterPlural: "clusterreports",
  },
  wgpolicyk8s: {
    group: "wgpolicyk8s.io",
    version: "v1alpha2",
    kind: "PolicyReport",
    clusterKind: "ClusterPolicyReport",
    plural: "policyreports",
    clusterPlural: "clusterpolicyreports",
  },
} as const;
export type ReportFormat = keyof typeof reportFormats;

/** A report object is at most this much: etcd takes 1.5 MiB, and holds them all in memory. */
const resultsMost = 200;
const subjectsMost = 50;

export interface Report {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels: Readonly<Record<string, string>> };
  readonly [field: string]: unknown;
}

const weight: readonly ScanResult[] = ["fail", "error", "warn", "skip"];
const severities = ["critical", "high", "medium", "low"] as const;

/** The report of a place; undefined where nothing is to be said. One for a namespace, however many rules and objects there are. */
export function reportOf({ namespace, objects, errors, findings }: ScannedPlace, format: ReportFormat, now: Date): Report | undefined {
  if (findings.length === 0 && errors === 0) return undefined;
  const { group, version, kind, clusterKind } = reportFormats[format];
  const groups = grouped(findings);
  const count = (result: ScanResult) => findings.filter((finding) => scanResultOf(finding) === result).length;
  const broken = new Set(findings.map(({ subject }) => `${subject.kind}/${subject.name}`)).size;
  return {
    apiVersion: `${group}/${version}`,
    kind: namespace === "" ? clusterKind : kind,
    metadata: {
      name: "firebreak",
      ...(namespace === "" ? {} : { namespace }),
      labels: { "app.kubernetes.io/managed-by": "firebreak" },
    },
    ...(format === "openreports" ? { source: "firebreak" } : {}),
    ...(namespace === "" ? {} : { scope: { apiVersion: "v1", kind: "Namespace", name: namespace } }),
    summary: { pass: Math.max(objects - broken, 0), fail: count("fail"), warn: count("warn"), error: errors, skip: count("skip") },
    results: groups.slice(0, resultsMost).map((same) => resultOf(same, groups.length - resultsMost, now)),
  };
}

/** What the same rule says of many, gravest first: one result names them all. */
function grouped(findings: readonly ScanFinding[]): ScanFinding[][] {
  const same = Map.groupBy(findings, (finding) => JSON.stringify([finding.ruleId, finding.rulePack, finding.effect, finding.message, finding.exemptions]));
  return [...same.values()].sort(
    ([a], [b]) => rank(a as ScanFinding) - rank(b as ScanFinding) || ((a as ScanFinding).ruleId < (b as ScanFinding).ruleId ? -1 : 1),
  );
}

function rank(finding: ScanFinding): number {
  return weight.indexOf(scanResultOf(finding)) * severities.length + severities.indexOf(finding.severity);
}

function resultOf(same: readonly ScanFinding[], surplus: number, now: Date): object {
  const [first] = same as [ScanFinding];
  const subjects = same.map(({ subject }) => subject);
  return {
    source: "firebreak",
    policy: first.rulePack,
    rule: first.ruleId,
    category: first.ruleId.split("-").slice(0, 2).join("-"),
    severity: first.severity,
    result: scanResultOf(first),
    scored: first.enforced === "deny",
    message: first.message,
    timestamp: { seconds: Math.floor(now.getTime() / 1000), nanos: 0 },
    resources: subjects.slice(0, subjectsMost),
    properties: {
      effect: first.effect,
      title: first.title,
      path: first.path,
      fix: first.fix,
      pack: first.pack,
      tier: first.tier,
      controls: first.controls
        .slice(0, 20)
        .map(({ framework, version, id }) => `${framework} ${version} ${id}`)
        .join("; "),
      ...(subjects.length > subjectsMost ? { moreResources: String(subjects.length - subjectsMost) } : {}),
      ...(first.exemptions.length > 0 ? { exemptions: first.exemptions.join(", ") } : {}),
      ...(surplus > 0 ? { moreResults: `${surplus} more results of this place are not listed: firebreak scan shows all` } : {}),
    },
  };
}
