import type { AuthorityState, AuthorityStore, KeyPair, ServingCertificate } from "../model/certificates.ts";
import { FirebreakError, messageOf } from "../model/errors.ts";
import { createAuthority, isDue, issueLeaf, validity } from "./authority.ts";

export interface AuthorityOptions {
  readonly names: readonly string[];
  readonly authorityMillis: number;
  readonly leafMillis: number;
  /** How long API servers get to take up a new caBundle before a certificate of the next authority is served. */
  readonly publishMillis: number;
  readonly now: () => Date;
  /** Whether every webhook configuration carries this caBundle. */
  readonly isPublished: (caBundle: string) => Promise<boolean>;
}

/**
 * Serving certificates from an authority of our own. Replicas share it in a store; each makes its own leaf. The steps of a
 * change of authority: the next one is stored and so published; once it is published everywhere for a while, it becomes the
 * current one and the old one stays published; once no leaf of the old one can be valid, it is dropped.
 */
export class AuthoritySource {
  readonly #store: AuthorityStore;
  readonly #options: AuthorityOptions;
  #serving: ServingCertificate | undefined;
  #authority: KeyPair | undefined;
  #publishedSince: { readonly caBundle: string; readonly at: number } | undefined;

  constructor(store: AuthorityStore, options: AuthorityOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** @throws FirebreakError FBR_CERTIFICATE before the first `refresh`. */
  current(): ServingCertificate {
    if (this.#serving === undefined) throw new FirebreakError("FBR_CERTIFICATE", "no serving certificate was made yet");
    return this.#serving;
  }

  /**
   * Reads the shared authority, takes the next step of its life, and renews the leaf where it is due. Call it at start and
   * then regularly. Answers whether the serving certificate or the bundle changed.
   *
   * @throws FirebreakError FBR_CERTIFICATE where the authority cannot be read or stored.
   */
  async refresh(): Promise<boolean> {
    try {
      const state = await this.#step();
      const caBundle = [state.current.certificate, state.next?.certificate, state.previous].filter((pem) => pem !== undefined).join("");
      const leaf = this.#leafOf(state.current);
      const changed = leaf.certificate !== this.#serving?.certificate || caBundle !== this.#serving.caBundle;
      this.#serving = { ...leaf, caBundle };
      return changed;
    } catch (cause) {
      throw new FirebreakError("FBR_CERTIFICATE", `the certificate authority: ${messageOf(cause)}`, { cause });
    }
  }

  /** Another replica may win each write: then its state is read and holds. */
  async #step(): Promise<AuthorityState> {
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const stored = await this.#store.load();
      const wanted = stored === undefined ? { current: this.#newAuthority() } : await this.#advance(stored.state);
      if (stored !== undefined && wanted === stored.state) return wanted;
      if (await this.#store.save(wanted, stored?.version)) return wanted;
    }
    throw new Error("other replicas kept changing it");
  }

  async #advance(state: AuthorityState): Promise<AuthorityState> {
    const now = this.#options.now();
    if (state.next !== undefined) return (await this.#isTrusted(state)) ? { current: state.next, previous: state.current.certificate } : state;
    if (isDue(state.current.certificate, now)) return { ...state, next: this.#newAuthority() };
    if (state.previous !== undefined && this.#outlived(state, now)) return { current: state.current };
    return state;
  }

  async #isTrusted(state: AuthorityState): Promise<boolean> {
    const caBundle = this.#serving?.caBundle;
    if (caBundle === undefined || state.next === undefined || !caBundle.includes(state.next.certificate)) return false;
    if (!(await this.#options.isPublished(caBundle))) return false;
    const now = this.#options.now().getTime();
    if (this.#publishedSince?.caBundle !== caBundle) this.#publishedSince = { caBundle, at: now };
    return now - this.#publishedSince.at >= this.#options.publishMillis;
  }

  /** A leaf of the previous authority was made before the current one took over, so it ends one leaf's life later. */
  #outlived(state: AuthorityState, now: Date): boolean {
    const { notBefore } = validity(state.current.certificate);
    return now.getTime() > notBefore.getTime() + this.#options.publishMillis + 2 * this.#options.leafMillis;
  }

  #leafOf(authority: KeyPair): KeyPair {
    const serving = this.#serving;
    const now = this.#options.now();
    if (serving !== undefined && this.#authority?.certificate === authority.certificate && !isDue(serving.certificate, now)) return serving;
    this.#authority = authority;
    return issueLeaf(authority, this.#options.names, this.#options.leafMillis, now);
  }

  #newAuthority(): KeyPair {
    return createAuthority(this.#options.authorityMillis, this.#options.now());
  }
}
