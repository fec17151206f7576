import { digestOf, readBundle } from "../guardrails/bundle/bundle.ts";
import { packFrom } from "../guardrails/pack.ts";
import type { PackUse } from "../guardrails/pack-use.ts";
import { FirebreakError } from "../model/errors.ts";
import type { ActiveRevision } from "../model/rule-pack.ts";

/**
 * A revision that is in force, loaded from its bundle with the settings that were proved with it.
 *
 * @throws FirebreakError FBR_BUNDLE_INVALID where the bundle is not what was proved, and as `packFrom`.
 */
export async function useOfRevision(name: string, revision: ActiveRevision, bundle: Uint8Array): Promise<PackUse> {
  const files = readBundle(bundle);
  const digest = digestOf(files);
  if (digest !== revision.digest) throw new FirebreakError("FBR_BUNDLE_INVALID", `its bundle is not what was proved: ${digest}`);
  const { tier, priority, bindings } = revision;
  return { name, pack: await packFrom(files, revision), tier, priority, bindings };
}
