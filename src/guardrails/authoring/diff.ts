import { textOf } from "../bundle/bundle.ts";
import type { Files } from "../bundle/tar.ts";
import { type CatalogueEntry, parseCatalogue } from "../catalogue.ts";
import type { PackData } from "../pack.ts";

/** `tighter` and `looser` are what metadata alone tells; what changed Rego does is seen in a preview. */
export type Change = "added" | "removed" | "tighter" | "looser" | "changed";

export interface PackChange {
  readonly change: Change;
  /** A rule id, or what else changed: `profile strict`, `library`. */
  readonly subject: string;
  /** A sentence. */
  readonly text: string;
}

/** Weakest first. */
const actions = ["dryrun", "warn", "deny"] as const;
const severities = ["low", "medium", "high", "critical"] as const;
const tiers = ["Advisory", "Standard", "Mandatory"] as const;

/**
 * What changes between two versions of a pack, for people.
 *
 * @throws FirebreakError FBR_BUNDLE_INVALID, FBR_PACK_INVALID
 */
export function diffPacks(before: Files, after: Files): PackChange[] {
  const [old, young] = [before, after].map((files) => ({ files, catalogue: parseCatalogue(textOf(files, "catalogue.json")) })) as [Side, Side];
  const ids = new Set([...old.catalogue.rules, ...young.catalogue.rules].map(({ id }) => id));
  return [...[...ids].sort().flatMap((id) => ruleChanges(id, old, young)), ...profileChanges(old, young), ...libraryChanges(old, young)];
}

interface Side {
  readonly files: Files;
  readonly catalogue: ReturnType<typeof parseCatalogue>;
}

function ruleChanges(id: string, old: Side, young: Side): PackChange[] {
  const [before, after] = [old, young].map(({ catalogue }) => catalogue.rules.find((rule) => rule.id === id));
  if (before === undefined && after === undefined) return [];
  if (before === undefined) {
    const { title, action, kinds } = after as CatalogueEntry;
    return [{ change: "added", subject: id, text: `new rule "${title}": ${verb(action)} for ${kinds.map(shortKind).join(", ")}` }];
  }
  if (after === undefined) return [{ change: "removed", subject: id, text: `"${before.title}" is gone: nothing is said about it any more` }];
  return [
    ...ranked(id, "by default it", before.action, after.action, actions, verb),
    ...(before.enclaveAction === after.enclaveAction
      ? []
      : ranked(id, "in enclaves it", before.enclaveAction ?? before.action, after.enclaveAction ?? after.action, actions, verb)),
    ...ranked(id, "its severity is", before.severity, after.severity, severities),
    ...ranked(id, "its tier is", before.tier, after.tier, tiers),
    ...ratchetChange(id, before, after),
    ...listChanges(id, "kind", before.kinds.map(shortKind), after.kinds.map(shortKind)),
    ...listChanges(id, "operation", before.operations, after.operations),
    ...parameterChanges(id, parametersOf(old, before), parametersOf(young, after)),
    ...(regoOf(old, before) === regoOf(young, after)
      ? []
      : [{ change: "changed", subject: id, text: "its Rego changed: a preview shows what that does" } as const]),
  ];
}

function ranked<T extends string>(subject: string, what: string, before: T, after: T, order: readonly T[], shown: (value: T) => string = String): PackChange[] {
  if (before === after) return [];
  const change = order.indexOf(after) > order.indexOf(before) ? "tighter" : "looser";
  return [{ change, subject, text: `${what} ${shown(after)}, before it was: ${shown(before)}` }];
}

function ratchetChange(subject: string, before: CatalogueEntry, after: CatalogueEntry): PackChange[] {
  if (before.ratchet === after.ratchet) return [];
  return after.ratchet
    ? [{ change: "looser", subject, text: "what stood before a change is only warned of now" }]
    : [{ change: "tighter", subject, text: "what stood before a change is refused too" }];
}

function listChanges(subject: string, noun: string, before: readonly string[], after: readonly string[]): PackChange[] {
  const more = after.filter((one) => !before.includes(one));
  const fewer = before.filter((one) => !after.includes(one));
  return [
    ...(more.length === 0 ? [] : [{ change: "tighter", subject, text: `it judges ${noun} ${more.join(", ")} too` } as const]),
    ...(fewer.length === 0 ? [] : [{ change: "looser", subject, text: `it judges ${noun} ${fewer.join(", ")} no more` } as const]),
  ];
}

function parameterChanges(subject: string, before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): PackChange[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].sort().flatMap((name): PackChange[] => {
    const [old, young] = [JSON.stringify(before[name]), JSON.stringify(after[name])];
    if (old === young) return [];
    if (old === undefined) return [{ change: "changed", subject, text: `new parameter ${name}, by default ${young}` }];
    if (young === undefined) return [{ change: "changed", subject, text: `the parameter ${name} is gone; whoever sets it is refused` }];
    return [{ change: "changed", subject, text: `the default of ${name} is ${young}, before it was ${old}` }];
  });
}

function profileChanges(old: Side, young: Side): PackChange[] {
  const ids = new Set([...old.catalogue.profiles, ...young.catalogue.profiles].map(({ id }) => id));
  return [...ids].sort().flatMap((id): PackChange[] => {
    const [before, after] = [old, young].map(({ catalogue }) => catalogue.profiles.find((profile) => profile.id === id));
    const subject = `profile ${id}`;
    if (before === undefined) return [{ change: "added", subject, text: `new profile "${after?.title}"` }];
    if (after === undefined) return [{ change: "removed", subject, text: "it is gone: whoever names it is refused" }];
    const rules = [...new Set([...Object.keys(before.actions), ...Object.keys(after.actions)])].sort();
    return [
      ...rules.flatMap((rule) => ranked(subject, `${rule}`, before.actions[rule] ?? "dryrun", after.actions[rule] ?? "dryrun", actions, verb)),
      ...parameterChanges(subject, before.parameters, after.parameters),
    ];
  });
}

/** What rules share: the pack's own library, Firebreak's, and the entrypoint. */
function libraryChanges(old: Side, young: Side): PackChange[] {
  const shared = (name: string) => name.endsWith(".rego") && !isRule(name);
  const names = new Set([...old.files.keys(), ...young.files.keys()].filter(shared));
  const differing = [...names].filter((name) => contentOf(old, name) !== contentOf(young, name)).sort();
  return differing.length === 0 ? [] : [{ change: "changed", subject: "library", text: `what rules share changed: ${differing.join(", ")}` }];
}

function isRule(name: string): boolean {
  return /^packs\/[^/]+\/(?!lib\/)[^/]+\/[^/]+\.rego$/.test(name);
}

function regoOf(side: Side, rule: CatalogueEntry): string {
  const pack = packageOf(side);
  const names = [...side.files.keys()].filter((name) => name.startsWith(`packs/${pack}/${rule.package}/`)).sort();
  return names.map((name) => withoutMetadata(contentOf(side, name) ?? "")).join("\n");
}

/** Comments change nothing that a rule does, and METADATA is compared field by field. */
function withoutMetadata(rego: string): string {
  return rego
    .split("\n")
    .filter((line) => !line.trimStart().startsWith("#"))
    .join("\n");
}

function parametersOf(side: Side, rule: CatalogueEntry): Readonly<Record<string, unknown>> {
  const { params } = JSON.parse(textOf(side.files, "data.json")) as PackData;
  return params[packageOf(side)]?.[rule.package] ?? {};
}

function packageOf({ catalogue }: Side): string {
  return catalogue.manifest.name.replaceAll("-", "_");
}

function contentOf({ files }: Side, name: string): string | undefined {
  const content = files.get(name);
  return content && Buffer.from(content).toString("utf8");
}

function verb(action: (typeof actions)[number]): string {
  return { deny: "refuses", warn: "warns", dryrun: "only records" }[action];
}

function shortKind(kind: string): string {
  return kind.replace(/^\//, "");
}
