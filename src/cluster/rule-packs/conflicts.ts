import { FirebreakError } from "../../model/errors.ts";
import type { ActiveRevision } from "../../model/rule-pack.ts";
import { compareVersions } from "../../model/version.ts";

/** A pack that holds or is to hold. */
export interface Standing {
  readonly rulePack: string;
  readonly pack: string;
  readonly version: string;
  readonly digest: string;
  readonly ruleIds: readonly string[];
}

/**
 * Whether a pack may stand beside those that are in force. The same pack may stand twice, with other settings: both hold, so
 * that the stricter one decides.
 *
 * @throws FirebreakError FBR_PACK_CONFLICT
 */
export function checkConflicts(next: Standing, before: Pick<ActiveRevision, "pack" | "version" | "digest"> | undefined, others: readonly Standing[]): void {
  const conflict = (why: string) => new FirebreakError("FBR_PACK_CONFLICT", `${next.pack} ${next.version} is refused: ${why}`);
  if (before?.pack === next.pack) {
    const order = compareVersions(next.version, before.version);
    if (order < 0) throw conflict(`${before.version} is in force, and a revision does not go back; publish the older content as a newer version`);
    if (order === 0 && next.digest !== before.digest) throw conflict("this version is in force with other content; a change is a new version");
  }
  for (const other of others) {
    if (other.pack === next.pack && other.digest === next.digest) continue;
    if (other.pack === next.pack && other.version === next.version) throw conflict(`${other.rulePack} has this version with other content`);
    const twice = next.ruleIds.find((id) => other.ruleIds.includes(id));
    if (twice !== undefined) throw conflict(`${other.rulePack} (${other.pack} ${other.version}) has a rule ${twice} already`);
  }
}

/** Where two RulePacks set the same pack up differently, both hold: what an owner should know. */
export function parameterNotes(
  rulePack: string,
  parameters: Settings,
  others: readonly { readonly rulePack: string; readonly parameters: Settings }[],
): string[] {
  return others.flatMap((other) =>
    Object.entries(parameters).flatMap(([ruleId, values]) =>
      Object.entries(values).flatMap(([name, value]) => {
        const theirs = other.parameters[ruleId]?.[name];
        if (theirs === undefined || JSON.stringify(theirs) === JSON.stringify(value)) return [];
        return [
          `${ruleId} ${name} is ${JSON.stringify(value)} in ${rulePack} and ${JSON.stringify(theirs)} in ${other.rulePack}: both hold, the stricter decides`,
        ];
      }),
    ),
  );
}

type Settings = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
