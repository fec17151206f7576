import type { Exemption, ExemptionPhase } from "../model/exemption.ts";
import type { ScanFinding } from "../model/scan.ts";

/** An exemption that nobody used for so long is not needed. */
const unusedDays = 30;
const dayMillis = 24 * 3_600_000;

interface Known {
  readonly phases: ReadonlyMap<string, ExemptionPhase>;
  readonly ruleIds: ReadonlySet<string>;
  readonly namespaceExists: (name: string) => boolean;
  readonly now: Date;
}

const rules = {
  "FBR-EX-001": { title: "An exemption that is over is removed", severity: "low", fix: "delete it, or ask again with another end" },
  "FBR-EX-002": { title: "An exemption that nobody uses is removed", severity: "low", fix: "delete it: what it permits is not done" },
  "FBR-EX-003": { title: "An exemption is for something that is there", severity: "medium", fix: "delete it, or name a rule and a namespace that exist" },
} as const;

/** What is amiss with exemptions themselves: over, unused, or for nothing that is there. */
export function exemptionFindings(exemptions: readonly Exemption[], { phases, ruleIds, namespaceExists, now }: Known): ScanFinding[] {
  return exemptions.flatMap((exemption) => {
    const { metadata, spec, status } = exemption;
    const name = metadata?.name ?? "";
    if (spec === undefined) return [];
    if (phases.get(name) === "Expired") return [finding(exemption, "FBR-EX-001", `it ended at ${spec.expires}`, "spec.expires")];
    const { namespace } = spec.subject;
    if (namespace !== undefined && !namespaceExists(namespace))
      return [finding(exemption, "FBR-EX-003", `there is no namespace ${namespace}`, "spec.subject.namespace")];
    const orphaned = spec.rules.filter(({ id }) => !ruleIds.has(id)).map(({ id }) => id);
    if (orphaned.length === spec.rules.length) return [finding(exemption, "FBR-EX-003", `no rule pack in force has ${orphaned.join(", ")}`, "spec.rules")];
    const idleSince = Date.parse(status?.lastUsed ?? metadata?.creationTimestamp ?? "");
    const idle = phases.get(name) === "Active" && now.getTime() - idleSince > unusedDays * dayMillis;
    return idle ? [finding(exemption, "FBR-EX-002", `nothing needed it for ${unusedDays} days`, "spec")] : [];
  });
}

function finding({ metadata }: Exemption, ruleId: keyof typeof rules, message: string, path: string): ScanFinding {
  const { title, severity, fix } = rules[ruleId];
  return {
    ruleId,
    title,
    severity,
    tier: "Advisory",
    controls: [],
    pack: "firebreak",
    rulePack: "firebreak",
    message,
    path,
    fix,
    effect: "warn",
    enforced: "warn",
    exemptions: [],
    subject: {
      apiVersion: "firebreak.dev/v1alpha1",
      kind: "Exemption",
      name: metadata?.name ?? "",
      ...(metadata?.uid === undefined ? {} : { uid: metadata.uid }),
    },
  };
}
