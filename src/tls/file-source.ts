import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import type { ServingCertificate } from "../model/certificates.ts";
import { FirebreakError, messageOf } from "../model/errors.ts";

/** A mounted `tls.crt`, `tls.key` and `ca.crt`, as cert-manager writes them into a Secret; read again at each refresh. */
export class FileSource {
  readonly #folder: string;
  #serving: ServingCertificate | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  current(): ServingCertificate {
    if (this.#serving === undefined) throw new FirebreakError("FBR_CERTIFICATE", "no serving certificate was read yet");
    return this.#serving;
  }

  /**
   * Reads the files; a pair that does not fit together (half an update of the mount) is not taken.
   *
   * @throws FirebreakError FBR_CERTIFICATE
   */
  async refresh(): Promise<boolean> {
    try {
      const [certificate, key, caBundle] = await Promise.all(
        ["tls.crt", "tls.key", "ca.crt"].map((file) => readFile(join(this.#folder, file), "utf8")) as [Promise<string>, Promise<string>, Promise<string>],
      );
      createSecureContext({ cert: certificate, key });
      const changed = certificate !== this.#serving?.certificate || caBundle !== this.#serving.caBundle;
      this.#serving = { certificate, key, caBundle };
      return changed;
    } catch (cause) {
      throw new FirebreakError("FBR_CERTIFICATE", `tls.crt, tls.key and ca.crt in ${this.#folder}: ${messageOf(cause)}`, { cause });
    }
  }
}
