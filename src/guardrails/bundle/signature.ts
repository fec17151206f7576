import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { z } from "zod";
import { FirebreakError, messageOf } from "../../model/errors.ts";
import { signaturesFile } from "./bundle.ts";
import type { Files } from "./tar.ts";

/**
 * OPA's bundle signature format: `.signatures.json` holds one JSON Web Token (RFC 7519) whose payload lists every file of the
 * bundle with its hash. `opa sign` and `opa build --verification-key` read and write the same.
 */
const signatures = z.strictObject({ signatures: z.array(z.string()).length(1, "exactly one signature is expected"), plugin: z.string().optional() });
const header = z.object({ alg: z.enum(["EdDSA", "ES256", "ES384", "ES512"]), kid: z.string().optional() });
const payload = z.object({
  files: z.array(z.strictObject({ name: z.string(), hash: z.string(), algorithm: z.literal("SHA-256") })),
  keyid: z.string().optional(),
  scope: z.string().optional(),
});

/** A public key that packs may be signed with. `id` is what a signature names it by. */
export interface TrustedKey {
  readonly id: string;
  /** PEM, `-----BEGIN PUBLIC KEY-----`. */
  readonly publicKey: string;
}

export interface SigningKey {
  readonly id: string;
  /** PEM of an Ed25519 or ECDSA private key. */
  readonly privateKey: string;
}

type Algorithm = z.infer<typeof header>["alg"];

/** RFC 7518 section 3.4 and RFC 8037: the curve decides the algorithm, so that no header can choose a weaker one. */
const curves: Readonly<Record<string, Algorithm>> = { prime256v1: "ES256", secp384r1: "ES384", secp521r1: "ES512" };
const digests: Readonly<Record<Algorithm, string | null>> = { EdDSA: null, ES256: "sha256", ES384: "sha384", ES512: "sha512" };

/**
 * The files with a signature over all of them; one that was there is replaced.
 *
 * @throws FirebreakError FBR_SIGNATURE where the key is no Ed25519 or ECDSA key.
 */
export function signFiles(files: Files, { id, privateKey }: SigningKey): Map<string, Uint8Array> {
  const key = readKey(() => createPrivateKey(privateKey), "the signing key");
  const algorithm = algorithmOf(key);
  const listed = hashes(files).map(([name, hash]) => ({ name, hash, algorithm: "SHA-256" }));
  const signed = `${encoded({ alg: algorithm, kid: id, typ: "JWT" })}.${encoded({ files: listed, keyid: id })}`;
  const signature = sign(digests[algorithm], Buffer.from(signed), { key, dsaEncoding: "ieee-p1363" });
  const text = `${JSON.stringify({ signatures: [`${signed}.${signature.toString("base64url")}`] }, null, 2)}\n`;
  return new Map([...files, [signaturesFile, Buffer.from(text)]]);
}

/**
 * Checks that one of the trusted keys signed exactly these files: none changed, none missing, none added.
 *
 * @returns the id of the key.
 * @throws FirebreakError FBR_SIGNATURE with what is wrong and what to do.
 */
export function verifyFiles(files: Files, trusted: readonly TrustedKey[]): string {
  const found = files.get(signaturesFile);
  if (found === undefined) throw refused("it is not signed; sign it with firebreak pack sign");
  const [head, body, signature, ...rest] = tokenOf(found).split(".");
  if (head === undefined || body === undefined || signature === undefined || rest.length > 0) throw refused("its signature is no JSON Web Token");
  const { alg, kid } = decoded(head, header);
  const claims = decoded(body, payload);
  const id = kid ?? claims.keyid;
  if (id === undefined || (claims.keyid !== undefined && claims.keyid !== id)) throw refused("its signature does not say which key made it");
  const key = trusted.find((candidate) => candidate.id === id);
  if (key === undefined)
    throw refused(`it is signed by the key ${id}, which is not trusted here; trusted: ${trusted.map((one) => one.id).join(", ") || "none"}`);
  const publicKey = readKey(() => createPublicKey(key.publicKey), `the trusted key ${id}`);
  if (algorithmOf(publicKey) !== alg) throw refused(`its signature is ${alg}, and the key ${id} is not`);
  const genuine = verify(digests[alg], Buffer.from(`${head}.${body}`), { key: publicKey, dsaEncoding: "ieee-p1363" }, Buffer.from(signature, "base64url"));
  if (!genuine) throw refused(`the key ${id} did not make its signature`);
  compare(
    hashes(files),
    claims.files.map(({ name, hash }) => [name, hash]),
  );
  return id;
}

/**
 * The key that the signature names. It proves nothing.
 *
 * @throws FirebreakError FBR_SIGNATURE where there is no signature that can be read.
 */
export function signerOf(files: Files): string {
  const found = files.get(signaturesFile);
  if (found === undefined) throw refused("it is not signed");
  return decoded(tokenOf(found).split(".")[0] ?? "", header).kid ?? "a key without a name";
}

function compare(present: readonly (readonly [string, string])[], signed: readonly (readonly [string, string])[]): void {
  const wanted = new Map(signed);
  if (wanted.size !== signed.length) throw refused("its signature lists a file twice");
  for (const [name, hash] of present) {
    const expected = wanted.get(name);
    if (expected === undefined) throw refused(`${name} was added after it was signed`);
    if (expected !== hash) throw refused(`${name} was changed after it was signed`);
    wanted.delete(name);
  }
  const [missing] = wanted.keys();
  if (missing !== undefined) throw refused(`${missing} was taken out after it was signed`);
}

function tokenOf(content: Uint8Array): string {
  try {
    return signatures.parse(JSON.parse(Buffer.from(content).toString("utf8"))).signatures[0] as string;
  } catch (cause) {
    throw refused(`its ${signaturesFile} cannot be read: ${cause instanceof z.ZodError ? z.prettifyError(cause) : messageOf(cause)}`, cause);
  }
}

function decoded<T>(part: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(Buffer.from(part, "base64url").toString("utf8")));
  } catch (cause) {
    throw refused(`its signature cannot be read: ${cause instanceof z.ZodError ? z.prettifyError(cause) : messageOf(cause)}`, cause);
  }
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function algorithmOf(key: KeyObject): Algorithm {
  if (key.asymmetricKeyType === "ed25519") return "EdDSA";
  const algorithm = key.asymmetricKeyType === "ec" ? curves[key.asymmetricKeyDetails?.namedCurve ?? ""] : undefined;
  if (algorithm === undefined) throw refused(`a key is ${key.asymmetricKeyType ?? "of no kind"}: Ed25519 and ECDSA (P-256, P-384, P-521) are used here`);
  return algorithm;
}

function readKey(read: () => KeyObject, what: string): KeyObject {
  try {
    return read();
  } catch (cause) {
    throw refused(`${what} cannot be read as PEM: ${messageOf(cause)}`, cause);
  }
}

/** Name and hash of every file but the signatures. OPA hashes documents by their value and everything else by its bytes. */
function hashes(files: Files): [string, string][] {
  return [...files]
    .filter(([name]) => name !== signaturesFile)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, content]) => [
      name,
      createHash("sha256")
        .update(isDocument(name) ? documentText(content, name) : content)
        .digest("hex"),
    ]);
}

function isDocument(name: string): boolean {
  return ["data.json", ".manifest"].includes(name.slice(name.lastIndexOf("/") + 1));
}

function documentText(content: Uint8Array, name: string): string {
  try {
    return sorted(JSON.parse(Buffer.from(content).toString("utf8")));
  } catch (cause) {
    throw refused(`${name} is no JSON`, cause);
  }
}

/** JSON with sorted keys, as Go's encoder writes it without its HTML escapes. */
function sorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join(",")}]`;
  if (typeof value !== "object" || value === null) return primitive(value);
  const pairs = Object.entries(value).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return `{${pairs.map(([key, child]) => `${primitive(key)}:${sorted(child)}`).join(",")}}`;
}

function primitive(value: unknown): string {
  return JSON.stringify(value).replace(/[\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
}

function refused(why: string, cause?: unknown): FirebreakError {
  return new FirebreakError("FBR_SIGNATURE", `the bundle is refused: ${why}`, { cause });
}
