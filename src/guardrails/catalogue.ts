import { z } from "zod";
import type { Control, EnforcementAction, Severity, Tier } from "../model/decision.ts";
import { FirebreakError } from "../model/errors.ts";
import { type DeclaredFact, factNames } from "../model/facts.ts";

const factName = /^[a-z][A-Za-z0-9]*$/;

const enforcementAction = z.enum(["deny", "warn", "dryrun"]) satisfies z.ZodType<EnforcementAction>;

const ruleMetadata = z.strictObject({
  id: z.string().regex(/^[A-Z]+-[A-Z][A-Z0-9]+-\d{3}$/),
  severity: z.enum(["critical", "high", "medium", "low"]) satisfies z.ZodType<Severity>,
  action: enforcementAction,
  /** The action in an enclave, where it is stricter. */
  enclaveAction: enforcementAction.optional(),
  tier: z.enum(["Mandatory", "Standard", "Advisory"]) satisfies z.ZodType<Tier>,
  ratchet: z.boolean(),
  ratchetReason: z.string().optional(),
  kinds: z.array(z.string().includes("/")).min(1),
  operations: z.array(z.enum(["CREATE", "UPDATE", "DELETE", "CONNECT", "AUDIT"])).min(1),
  /** The kinds that a scan asks it about, where not all of them: some are judged by the change alone. */
  auditKinds: z.array(z.string().includes("/")).exactOptional(),
  /** The facts that its verdict rests on: without one of them, what it finds is undetermined. */
  facts: z.array(z.union([z.enum(factNames), z.templateLiteral(["cluster.", z.string().regex(factName)])])),
  rationale: z.string(),
  remediation: z.string(),
});

const control = z.strictObject({ framework: z.string(), version: z.string(), id: z.string(), reviewed: z.boolean() }) satisfies z.ZodType<Control>;

const described = ruleMetadata.extend({ package: z.string(), title: z.string(), description: z.string() });

const ruleEntry = described.extend({
  controls: z.array(control).min(1, "no mapping names this rule"),
  /** The JSON Schema of its parameters; absent where it has none. */
  parameters: z.record(z.string(), z.json()).exactOptional(),
});

/** One rule as its METADATA describes it. `package` is the last segment of its Rego package and its folder. */
export type CatalogueEntry = z.infer<typeof ruleEntry>;

export const packManifest = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  tier: z.enum(["Mandatory", "Standard", "Advisory"]),
  /** What its rules read of the cluster: Firebreak watches just that. */
  facts: z
    .array(
      z.strictObject({
        name: z.string().regex(factName),
        apiVersion: z.string().regex(/^([a-z0-9.-]+\/)?v[a-z0-9]+$/),
        kind: z.string().regex(/^[A-Z][A-Za-z0-9]*$/),
        resource: z.string().regex(/^[a-z0-9]+$/),
        fields: z.array(z.string().regex(/^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*$/)).min(1),
      }) satisfies z.ZodType<DeclaredFact>,
    )
    .exactOptional(),
});
export type PackManifest = z.infer<typeof packManifest>;

export const profile = z.strictObject({
  id: z.string().regex(/^[a-z0-9.-]+$/),
  title: z.string(),
  framework: z.string(),
  version: z.string(),
  reviewed: z.boolean(),
  /** Actions that the framework raises, by rule id. */
  actions: z.record(z.string(), enforcementAction),
  /** Parameters that the framework sets, by rule id. */
  parameters: z.record(z.string(), z.record(z.string(), z.json())),
});
export type Profile = z.infer<typeof profile>;

const catalogueFile = z.strictObject({ manifest: packManifest, opa: z.string(), rules: z.array(ruleEntry).min(1), profiles: z.array(profile) });
export type Catalogue = z.infer<typeof catalogueFile>;

const inspection = z.object({
  annotations: z.array(
    z.object({
      annotations: z.object({
        scope: z.string(),
        title: z.string().optional(),
        description: z.string().optional(),
        custom: z.unknown().optional(),
      }),
      path: z.array(z.object({ value: z.string() })).optional(),
    }),
  ),
});

/** What stands beside the Rego sources: which controls rules support, and what frameworks make of them. */
export interface Crosswalk {
  readonly controls: ReadonlyMap<string, readonly Control[]>;
  readonly profiles: readonly Profile[];
  /** JSON Schemas of parameters by the folder of the rule. */
  readonly schemas: Readonly<Record<string, JsonSchema>>;
}

type JsonSchema = NonNullable<CatalogueEntry["parameters"]>;

/**
 * The rules of a pack from `opa inspect -a -f json`: every package annotation below `data.packs`, with the controls that the
 * mappings give it.
 *
 * @throws FirebreakError FBR_PACK_INVALID where METADATA is missing or has a field of the wrong shape.
 */
export function catalogueFromInspection(text: string, manifest: PackManifest, opa: string, crosswalk: Crosswalk): Catalogue {
  const { annotations } = inspection.parse(JSON.parse(text));
  const rules = annotations.flatMap(({ annotations: { scope, title, description, custom }, path = [] }) => {
    const [, root, , name = "", ...deeper] = path.map(({ value }) => value);
    if (scope !== "package" || root !== "packs" || deeper.length > 0) return [];
    const parsed = described.safeParse({ ...(custom as object), package: name, title, description });
    if (!parsed.success) throw new FirebreakError("FBR_PACK_INVALID", `METADATA of ${name}: ${z.prettifyError(parsed.error)}`);
    const parameters = crosswalk.schemas[name];
    return [{ ...parsed.data, controls: crosswalk.controls.get(parsed.data.id) ?? [], ...(parameters === undefined ? {} : { parameters }) }];
  });
  rules.sort((a, b) => (a.id < b.id ? -1 : 1));
  return parseCatalogue(JSON.stringify({ manifest, opa, rules, profiles: crosswalk.profiles }));
}

/** @throws FirebreakError FBR_PACK_INVALID with the field that is wrong. */
export function parseCatalogue(text: string): Catalogue {
  const parsed = catalogueFile.safeParse(JSON.parse(text));
  if (!parsed.success) throw new FirebreakError("FBR_PACK_INVALID", `catalogue.json: ${z.prettifyError(parsed.error)}`);
  const ids = parsed.data.rules.map(({ id }) => id);
  const repeated = ids.find((id, index) => ids.indexOf(id) !== index);
  if (repeated !== undefined) throw new FirebreakError("FBR_PACK_INVALID", `the rule id ${repeated} stands twice`);
  const declared = new Set<string>([...factNames, ...(parsed.data.manifest.facts ?? []).map(({ name }) => `cluster.${name}`)]);
  for (const { id, facts } of parsed.data.rules) {
    const unknown = facts.find((fact) => !declared.has(fact));
    if (unknown !== undefined) throw new FirebreakError("FBR_PACK_INVALID", `${id} rests on ${unknown}, which pack.json does not declare (facts)`);
  }
  return parsed.data;
}
