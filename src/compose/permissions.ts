import { approversOf, phaseOf } from "../admission/exemptions.ts";
import { customVerbs, mayUser } from "../cluster/access.ts";
import type { ApiClient } from "../cluster/api-client.ts";
import type { Events } from "../cluster/events.ts";
import { ClusterPermissions } from "../cluster/permissions.ts";
import type { Configuration } from "../config/configuration.ts";
import { exemptionFindings } from "../exemptions/findings.ts";
import { permissionsFrom } from "../exemptions/register.ts";
import { approvalsNeeded, gravest, type KnownRule, reviewPermission } from "../exemptions/review.ts";
import type { GuardrailEngine } from "../guardrails/engine.ts";
import type { Attributes } from "../model/attributes.ts";
import { FirebreakError, messageOf } from "../model/errors.ts";
import {
  defaultPermissionPolicy,
  type Exemption,
  type ExemptionStatus,
  type PermissionPolicy,
  type Permissions,
  type RecordedBreakGlass,
} from "../model/exemption.ts";
import type { ScanFinding } from "../model/scan.ts";

interface PermissionAssemblyOptions {
  readonly configuration: Configuration;
  readonly api: ApiClient;
  readonly guardrails: GuardrailEngine;
  readonly events: Events;
  readonly isLeader: () => boolean;
  readonly log: (message: string, fields: object) => void;
  readonly alarm: (kind: string, message: string, fields: object) => void;
  readonly onMended: (glass: RecordedBreakGlass) => void;
  readonly onChange: () => void;
}

/** How many must approve and for how long at most: the configuration before the defaults. */
export function permissionPolicy({ exemptions: { approvals, maxDays, breakGlassMinutes } }: Configuration): PermissionPolicy {
  const completed = <T extends object>(defaults: T, own: object) => ({ ...defaults, ...own });
  return {
    approvals: completed(defaultPermissionPolicy.approvals, approvals),
    maxDays: completed(defaultPermissionPolicy.maxDays, maxDays),
    breakGlassMinutes,
  };
}

/** Everything that permits, wired: followed, judged when it is written, and told of. */
export function assemblePermissions(options: PermissionAssemblyOptions): {
  readonly permissions: ClusterPermissions;
  review(attributes: Attributes): Promise<string[]>;
} {
  const { configuration, api, guardrails, ...ports } = options;
  const policy = permissionPolicy(configuration);
  const { keys } = configuration.exemptions;
  const rules = () => knownRules(guardrails);
  const permissions = new ClusterPermissions({
    api,
    ...ports,
    read: (objects) => permissionsFrom(objects, keys),
    describe: (known, now) => describe(known, rules(), policy, now),
  });
  const review = (attributes: Attributes) =>
    reviewPermission(attributes, {
      policy,
      keys,
      rules,
      now: () => new Date(),
      exemption: (name) =>
        permissions.exemption(name).catch((cause: unknown) => {
          throw new FirebreakError("FBR_FACTS_UNAVAILABLE", `the exemption ${name} cannot be read: ${messageOf(cause)}`, { cause });
        }),
      mayApprove: (user, severity) => mayUser(api, user, customVerbs.approveExemption, severity),
      mayBreakGlass: (user) => mayUser(api, user, customVerbs.breakGlass, ""),
    });
  return { permissions, review };
}

/** The rules of all packs that hold; a rule that two packs have is as Mandatory as the stricter of them makes it. */
function knownRules({ uses }: GuardrailEngine): KnownRule[] {
  return uses.flatMap((use) =>
    "pack" in use ? use.pack.catalogue.rules.map(({ id, severity, tier }) => ({ id, severity, mandatory: (use.tier ?? tier) === "Mandatory" })) : [],
  );
}

/** What is amiss with exemptions themselves, for a scan. */
export function amissExemptions(
  exemptions: readonly Exemption[],
  known: { permissions: Permissions; guardrails: GuardrailEngine; policy: PermissionPolicy; namespaceExists: (name: string) => boolean; now: Date },
): ScanFinding[] {
  const { permissions, guardrails, policy, namespaceExists, now } = known;
  const rules = knownRules(guardrails);
  const phases = new Map([...describe(permissions, rules, policy, now)].map(([name, { phase }]) => [name, phase ?? "Pending"]));
  return exemptionFindings(exemptions, { phases, ruleIds: new Set(rules.map(({ id }) => id)), namespaceExists, now });
}

/** What a status says of each exemption: the phase for its gravest rule, and what is amiss. */
function describe(permissions: Permissions, rules: readonly KnownRule[], policy: PermissionPolicy, now: Date): Map<string, ExemptionStatus> {
  return new Map(
    permissions.exemptions.map((exemption) => {
      const severity = gravest(exemption.spec, rules);
      const phase = phaseOf(exemption, severity, { permissions, policy, now });
      const orphaned = exemption.spec.rules.filter(({ id }) => !rules.some((rule) => rule.id === id)).map(({ id }) => id);
      const status = {
        phase,
        specDigest: exemption.digest,
        approvedBy: approversOf(exemption, permissions),
        approvalsNeeded: approvalsNeeded([severity], policy),
        message: orphaned.length === 0 ? "" : `no rule pack in force has ${orphaned.join(", ")}`,
      };
      return [exemption.name, status];
    }),
  );
}
