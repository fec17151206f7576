import type { Attributes } from "../../model/attributes.ts";
import type { Tier } from "../../model/decision.ts";
import { FirebreakError } from "../../model/errors.ts";
import type { RulePack } from "../../model/rule-pack.ts";
import { sameJson } from "../../segmentation/same-json.ts";
import { customVerbs, mayUser } from "../access.ts";
import type { ApiClient } from "../api-client.ts";
import type { Foundry, FoundSource } from "./foundry.ts";
import { readSource, type SourceReader, sourceDigest } from "./sources.ts";

/** A review waits for the compiler at most so long: half of what an API server waits, with what the rest takes. */
const glanceMillis = 3000;

interface ReviewOptions extends SourceReader {
  readonly api: ApiClient;
  readonly foundry: Foundry;
}

/** Sources that were looked at a moment ago. */
const rememberedMost = 32;

/** Reviews writes of RulePacks. */
export class RulePackReviewer {
  readonly #options: ReviewOptions;
  /**
   * What was said of a source. An API server that finds an object changed meanwhile asks again, and the status of a RulePack
   * changes often: asking the compiler again each time would never end.
   */
  readonly #glances = new Map<string, Promise<void>>();

  constructor(options: ReviewOptions) {
    this.#options = options;
  }

  /**
   * Whether somebody may write a RulePack, and whether it can be one: what is bounded. Compiling and testing come later, and the
   * status says what came of them.
   *
   * @returns what is to be told of one that is good.
   * @throws FirebreakError FBR_FORBIDDEN, FBR_SIGNATURE, FBR_BUNDLE_INVALID, FBR_PACK_COMPILE, FBR_PACK_INVALID, FBR_PACK_LIMIT; FBR_FACTS_UNAVAILABLE.
   */
  async review({ user, object, oldObject, operation }: Attributes): Promise<string[]> {
    const [spec, before] = [object, oldObject].map((one) => (one as RulePack | undefined)?.spec);
    if (operation === "UPDATE" && sameJson(spec, before)) return [];
    const tiers = new Set([spec?.tier, before?.tier].filter((tier) => tier !== undefined));
    for (const tier of tiers) await mayWrite(this.#options.api, user, tier);
    if (operation === "DELETE" || spec === undefined) return [];
    const notices = bindsNothing(spec.bindings) ? ["bound nowhere: add spec.bindings with a stage, or it holds for nobody"] : [];
    try {
      await this.#glance(await readSource(this.#options, spec));
      return notices;
    } catch (thrown) {
      if (!(thrown instanceof FirebreakError) || thrown.code !== "FBR_PACK_INVALID" || spec.source.inline !== undefined) throw thrown;
      // What the source names may come a moment later: the status tells when it has.
      return [...notices, thrown.message];
    }
  }

  #glance(source: FoundSource): Promise<void> {
    const digest = sourceDigest(source);
    const known = this.#glances.get(digest);
    if (known !== undefined) return known;
    const glance = this.#options.foundry.glance(source, glanceMillis);
    // A compiler that had no time may have some next time.
    glance.catch((thrown: unknown) => thrown instanceof FirebreakError && thrown.code === "FBR_PACK_LIMIT" && this.#glances.delete(digest));
    if (this.#glances.size >= rememberedMost) this.#glances.delete(this.#glances.keys().next().value as string);
    this.#glances.set(digest, glance);
    return glance;
  }
}

async function mayWrite(api: ApiClient, user: Attributes["user"], tier: Tier): Promise<void> {
  const name = tier.toLowerCase();
  if (await mayUser(api, user, customVerbs.writeTier, name)) return;
  throw new FirebreakError(
    "FBR_FORBIDDEN",
    `${user.username} may not write rule packs of tier ${tier}: ask for the ClusterRole firebreak-write-${name}-packs (verb write on rulepacktiers.firebreak.dev, name ${name})`,
  );
}

function bindsNothing(bindings: NonNullable<RulePack["spec"]>["bindings"]): boolean {
  return (bindings ?? []).every(({ admission, scan, ci }) => [admission, scan, ci].every((stage) => stage === undefined || stage === "draft"));
}
