/** What only `main` reads from the process. */
export interface Environment {
  /** A kubeconfig file; absent inside a cluster. */
  readonly kubeconfig: string | undefined;
  readonly terminal: boolean;
  /** Where Firebreak is installed: the folder of package.json. Relative paths of packs start there. */
  readonly root: string;
  readonly version: string;
  /** The `opa` command (FIREBREAK_OPA). */
  readonly opa: string | undefined;
  /** Where commands are looked for. */
  readonly path: string;
}
