import { createHash } from "node:crypto";
import { constants, gunzipSync, gzipSync } from "node:zlib";
import { FirebreakError, messageOf } from "../../model/errors.ts";
import { type Files, readTar, writeTar } from "./tar.ts";

/** What a bundle may hold once unpacked: sixty times the default pack. */
const unpackedMost = 64 * 1024 * 1024;

/** Where OPA expects the signatures of a bundle. */
export const signaturesFile = ".signatures.json";

/** The files of an OPA bundle as one `.tar.gz`, the same bytes for the same files. */
export function writeBundle(files: Files): Uint8Array {
  const zipped = gzipSync(writeTar(files), { level: constants.Z_BEST_COMPRESSION });
  // Byte 9 names the operating system (RFC 1952): 255 is "unknown", everywhere.
  zipped[9] = 255;
  return zipped;
}

/** @throws FirebreakError FBR_BUNDLE_INVALID */
export function readBundle(bytes: Uint8Array): Map<string, Uint8Array> {
  let unpacked: Uint8Array;
  try {
    unpacked = gunzipSync(bytes, { maxOutputLength: unpackedMost });
  } catch (cause) {
    const why = (cause as { code?: string }).code === "ERR_BUFFER_TOO_LARGE" ? `it is larger than ${unpackedMost} bytes` : messageOf(cause);
    throw new FirebreakError("FBR_BUNDLE_INVALID", `the bundle cannot be unpacked: ${why}`, { cause });
  }
  return readTar(unpacked);
}

/** The digest of a pack: over the names and contents of all files but the signatures, so that signing does not change it. */
export function digestOf(files: Files): string {
  const hash = createHash("sha256");
  for (const name of [...files.keys()].sort()) {
    if (name === signaturesFile) continue;
    hash.update(
      `${name}\0${createHash("sha256")
        .update(files.get(name) as Uint8Array)
        .digest("hex")}\n`,
    );
  }
  return `sha256:${hash.digest("hex")}`;
}

/** @throws FirebreakError FBR_BUNDLE_INVALID where the file is not there. */
export function textOf(files: Files, name: string): string {
  const content = files.get(name);
  if (content === undefined) throw new FirebreakError("FBR_BUNDLE_INVALID", `the bundle has no ${name}; build it with firebreak pack build`);
  return Buffer.from(content).toString("utf8");
}
