import { type ApiClient, isStatus } from "../cluster/api-client.ts";
import { Artefacts } from "../cluster/rule-packs/artefacts.ts";
import { isForbidden } from "../cluster/scan/kinds.ts";
import type { Configuration } from "../config/configuration.ts";
import { permissionsFrom } from "../exemptions/register.ts";
import type { PackUse } from "../guardrails/pack-use.ts";
import { messageOf } from "../model/errors.ts";
import type { BreakGlass, Exemption, ExemptionApproval, Permissions } from "../model/exemption.ts";
import type { KubernetesObject } from "../model/kubernetes.ts";
import type { RulePack } from "../model/rule-pack.ts";
import { useOfRevision } from "./revision-use.ts";

/** What a command could not read of a cluster, and what that means for its answer. */
export interface Read<T> {
  readonly value: T;
  readonly unread: readonly string[];
}

/** The rule packs that are in force in a cluster, as a replica would load them. What may not be read is told, never left out in silence. */
export async function packsInForce(api: ApiClient, { namespace }: Configuration): Promise<Read<PackUse[]>> {
  const { value: rulePacks, unread } = await listOwn<RulePack>(api, "rulepacks");
  const artefacts = new Artefacts(api, namespace);
  const missing: string[] = [...unread];
  const uses: PackUse[] = [];
  for (const { metadata, status } of rulePacks) {
    const { active } = status ?? {};
    if (active === undefined) continue;
    const name = metadata?.name ?? "";
    try {
      uses.push(await useOfRevision(name, active, await artefacts.fetch(active.artefact)));
    } catch (thrown) {
      missing.push(`the rule pack ${name} could not be read and is not judged: ${messageOf(thrown)}`);
    }
  }
  return { value: uses, unread: missing };
}

/** Exemptions, approvals and broken glasses of a cluster. Without them nothing is exempted. */
export async function permissionsInForce(
  api: ApiClient,
  { exemptions: { keys } }: Configuration,
): Promise<Read<Permissions> & { readonly exemptions: readonly Exemption[] }> {
  const [exemptions, approvals, breakGlasses] = await Promise.all([
    listOwn<Exemption>(api, "exemptions"),
    listOwn<ExemptionApproval>(api, "exemptionapprovals"),
    listOwn<BreakGlass>(api, "breakglasses"),
  ]);
  const value = permissionsFrom({ exemptions: exemptions.value, approvals: approvals.value, breakGlasses: breakGlasses.value }, keys);
  return { value, exemptions: exemptions.value, unread: [...exemptions.unread, ...approvals.unread, ...breakGlasses.unread] };
}

/** A kind that is not installed has no objects; one that may not be listed is told. */
async function listOwn<T extends KubernetesObject>(api: ApiClient, plural: string): Promise<Read<T[]>> {
  try {
    return { value: await api.list<T>(`/apis/firebreak.dev/v1alpha1/${plural}`), unread: [] };
  } catch (thrown) {
    if (isStatus(thrown, 404)) return { value: [], unread: [] };
    if (!isForbidden(thrown)) throw thrown;
    return { value: [], unread: [`${plural}.firebreak.dev may not be listed and are not taken into account`] };
  }
}
