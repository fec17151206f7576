/** Versions of the tools that are not npm packages. The Go modules in `tools/go` pin them by checksum as well. */
export const pins = {
  opa: "1.22.1",
  helm: "4.3.1",
  kubernetes: "1.36.3",
} as const;

/**
 * Release archives that may be used instead of building, by `os-arch` of Go. An entry needs the archive's SHA-256: nothing
 * is run that was not pinned. `tools/obtain/README.md` says how to add one.
 */
export interface Archive {
  readonly url: string;
  readonly sha256: string;
  /** Where the program stands in a .tar.gz; absent where the download is the program itself. */
  readonly member?: string;
}
export const archives: Readonly<Record<string, Readonly<Record<string, Archive>>>> = {};
