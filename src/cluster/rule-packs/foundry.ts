import type { PackKey, PackUseSettings, ProvedPack } from "../../model/rule-pack.ts";

/** A pack as it was found: sources by name, or the bytes of a bundle. */
export type FoundSource = { readonly files: Readonly<Record<string, string>> } | { readonly bundle: Uint8Array; readonly trustedKeys: readonly PackKey[] };

/** What was proved of a pack, with the bundle that it was proved of. */
export interface Proved extends ProvedPack {
  readonly bundle: Uint8Array;
}

/** What proves packs: it compiles, tests and verifies, off the path of requests. Provided by whoever wires Firebreak. */
export interface Foundry {
  /**
   * Everything about a pack that takes time; in a process of its own.
   *
   * @throws FirebreakError with the step that failed: FBR_SIGNATURE, FBR_BUNDLE_INVALID, FBR_PACK_COMPILE, FBR_PACK_LIMIT, FBR_PACK_TESTS, FBR_PACK_INVALID, FBR_PACK_BUILTIN.
   */
  prove(source: FoundSource): Promise<Proved>;
  /** What is bounded enough for a review: syntax and calls of sources, the signature of a bundle. Throws as `prove`. */
  glance(source: FoundSource, timeoutMillis: number): Promise<void>;
  /** Whether the settings fit the pack: its profile, parameters, actions. Throws FBR_PACK_INVALID. */
  checkSettings(bundle: Uint8Array, settings: PackUseSettings): Promise<void>;
}
