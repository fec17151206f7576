import type { ApiClient } from "../cluster/api-client.ts";
import { readDeclared } from "../cluster/declared-facts.ts";
import { type FactFeed, fixedFeed } from "../guardrails/fact-feed.ts";
import type { PackUse } from "../guardrails/pack-use.ts";
import type { DeclaredFact, FactObjects } from "../model/facts.ts";
import { projectFact } from "../model/facts.ts";
import type { KubernetesObject } from "../model/kubernetes.ts";

/** What packs declare that they read of a cluster, read once before a command judges. */
export async function factsFromCluster(api: ApiClient, uses: readonly PackUse[]): Promise<(declared: readonly DeclaredFact[]) => FactFeed> {
  const read = new Map<string, Record<string, FactObjects>>();
  for (const { pack } of uses) {
    const { facts = [] } = pack.catalogue.manifest;
    if (facts.length > 0) read.set(JSON.stringify(facts), await readDeclared(api, facts));
  }
  return (declared) => fixedFeed(declared, read.get(JSON.stringify(declared)) ?? {});
}

/** What packs declare that they read, from given objects: a kind of which there is none is not known. */
export function factsFromObjects(objects: readonly KubernetesObject[]): (declared: readonly DeclaredFact[]) => FactFeed {
  return (declared) => {
    const known = declared.flatMap((fact): [string, FactObjects][] => {
      const own = objects.filter(({ apiVersion, kind }) => apiVersion === fact.apiVersion && kind === fact.kind);
      const keyed = own.map((object) => [[object.metadata?.namespace, object.metadata?.name].filter(Boolean).join("/"), projectFact(fact, object)]);
      return own.length === 0 ? [] : [[fact.name, Object.fromEntries(keyed)]];
    });
    return fixedFeed(declared, Object.fromEntries(known));
  };
}
