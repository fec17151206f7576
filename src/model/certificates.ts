/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** Firebreak's own certificate authority, as replicas share it. All PEM; `version` is for optimistic concurrency. */
export interface AuthorityState {
  readonly current: KeyPair;
  /** The next authority: published from the moment it stands here, used only once every caller trusts it. */
  readonly next?: KeyPair;
  /** The authority before this one: stays published while leaves of it may still be served. */
  readonly previous?: string;
}

/** Where replicas share the authority. A write that another replica overtook answers false and is read again. */
export interface AuthorityStore {
  load(): Promise<{ readonly state: AuthorityState; readonly version: string } | undefined>;
  save(state: AuthorityState, version: string | undefined): Promise<boolean>;
}

/** What the server presents and what API servers must trust to call it. */
export interface ServingCertificate extends KeyPair {
  readonly caBundle: string;
}
