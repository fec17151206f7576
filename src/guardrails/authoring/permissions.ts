import type { Catalogue } from "../catalogue.ts";
import { auditedKinds } from "../pack-use.ts";

/**
 * The ClusterRole that lets Firebreak read what a pack's rules judge in a scan, and what the pack declared that it reads. The label has
 * it aggregated to Firebreak's own. Plurals of judged kinds follow the API's own habit; a kind with another plural is put right by hand.
 */
export function readingRole({ manifest, rules }: Catalogue): object {
  const judged = rules
    .flatMap(auditedKinds)
    .map((key) => ({ group: key.slice(0, key.lastIndexOf("/")), resource: pluralOf(key.slice(key.lastIndexOf("/") + 1)) }));
  const declared = (manifest.facts ?? []).map(({ apiVersion, resource }) => ({
    group: apiVersion.includes("/") ? (apiVersion.split("/")[0] as string) : "",
    resource,
  }));
  const byGroup = Map.groupBy([...judged, ...declared], ({ group }) => group);
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: `firebreak-read-${manifest.name}`, labels: { "firebreak.dev/aggregate-to-read": "true" } },
    rules: [...byGroup]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([group, some]) => ({ apiGroups: [group], resources: [...new Set(some.map(({ resource }) => resource))].sort(), verbs: ["list", "watch"] })),
  };
}

function pluralOf(kind: string): string {
  const lower = kind.toLowerCase();
  if (/[^aeiou]y$/.test(lower)) return `${lower.slice(0, -1)}ies`;
  return /(s|x|ch)$/.test(lower) ? `${lower}es` : `${lower}s`;
}
