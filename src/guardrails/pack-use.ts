import type { Tier } from "../model/decision.ts";
import type { Binding } from "../model/rule-pack.ts";
import type { CatalogueEntry } from "./catalogue.ts";
import type { Pack } from "./pack.ts";

/** A pack as somebody set it up: with a tier, and bound to places. */
export interface PackUse {
  /** The RulePack's name; a pack of the configuration has its own. */
  readonly name: string;
  readonly pack: Pack;
  /** Takes the place of each rule's own tier; absent for a pack of the configuration. */
  readonly tier?: Tier;
  readonly priority: number;
  readonly bindings: readonly Binding[];
}

/** A pack that is to hold and cannot be loaded: what its rules would judge is not decided without it. */
export interface UnloadedUse extends Omit<PackUse, "pack"> {
  readonly tier: Tier;
  /** What its rules are asked about, `CREATE /Pod`. */
  readonly judges: readonly string[];
  readonly why: string;
}

/** A pack of the configuration is enforced everywhere, each rule in its own tier. */
export function configuredUse(pack: Pack): PackUse {
  const bindings = [{ name: "configuration", admission: "enforce", scan: "enforce", ci: "enforce" }] as const;
  return { name: pack.catalogue.manifest.name, pack, priority: 0, bindings };
}

/** The folder of a pack's sources, and its name among the data: `segmentation_baseline`. */
export function packFolder({ catalogue }: Pack): string {
  return catalogue.manifest.name.replaceAll("-", "_");
}

/** The rules of a pack by operation and kind: what is not asked costs nothing, however many there are. */
export function indexRules({ catalogue }: Pack): Map<string, Pack["catalogue"]["rules"]> {
  const index = new Map<string, Pack["catalogue"]["rules"]>();
  for (const rule of catalogue.rules) {
    const asked = rule.kinds.flatMap((kind) => rule.operations.filter((operation) => operation !== "AUDIT").map((operation) => `${operation} ${kind}`));
    for (const key of [...asked, ...auditedKinds(rule).map((kind) => `AUDIT ${kind}`)]) {
      const known = index.get(key);
      if (known === undefined) index.set(key, [rule]);
      else known.push(rule);
    }
  }
  return index;
}

/** The kinds that a scan asks a rule about: what may not be created may not stand either. */
export function auditedKinds({ kinds, auditKinds = kinds, operations }: CatalogueEntry): readonly string[] {
  return operations.includes("CREATE") || operations.includes("AUDIT") ? auditKinds : [];
}
