import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { FirebreakError, messageOf } from "../model/errors.ts";
import type { ExemptionApproval } from "../model/exemption.ts";
import { canonical } from "./digest.ts";

/** A key whose signature counts as its owner's approval. */
export interface ApproverKey {
  readonly id: string;
  /** PEM of an Ed25519 or ECDSA public key. */
  readonly publicKey: string;
  /** The user that it stands for, as the API server would name them. */
  readonly owner: string;
}

type Spec = NonNullable<ExemptionApproval["spec"]>;

/** What is signed: which exemption, and which spec of it. A signature says nothing about any other. */
function statement({ exemption, specDigest }: Pick<Spec, "exemption" | "specDigest">): Buffer {
  return Buffer.from(canonical({ kind: "firebreak.dev/v1alpha1 ExemptionApproval", exemption, specDigest }));
}

/** @throws FirebreakError FBR_SIGNATURE where the key is none. */
export function signApproval(about: Pick<Spec, "exemption" | "specDigest">, keyId: string, privateKey: string): Spec {
  try {
    const key = createPrivateKey(privateKey);
    const value = sign(key.asymmetricKeyType === "ed25519" ? null : "sha256", statement(about), { key, dsaEncoding: "ieee-p1363" }).toString("base64");
    return { ...about, signature: { keyId, value } };
  } catch (cause) {
    throw new FirebreakError("FBR_SIGNATURE", `the key ${keyId} cannot sign: ${messageOf(cause)}`, { cause });
  }
}

/**
 * The owner of the key that signed an approval.
 *
 * @throws FirebreakError FBR_SIGNATURE where the key is not listed, or did not sign this.
 */
export function signerOf(spec: Spec, keys: readonly ApproverKey[]): string {
  const { keyId = "", value = "" } = spec.signature ?? {};
  const known = keys.find(({ id }) => id === keyId);
  if (known === undefined) throw new FirebreakError("FBR_SIGNATURE", `the approval is signed by the key ${keyId}, which is not listed (exemptions.keys)`);
  let genuine = false;
  try {
    const key = createPublicKey(known.publicKey);
    genuine = verify(key.asymmetricKeyType === "ed25519" ? null : "sha256", statement(spec), { key, dsaEncoding: "ieee-p1363" }, Buffer.from(value, "base64"));
  } catch (cause) {
    throw new FirebreakError("FBR_SIGNATURE", `the listed key ${keyId} cannot be used: ${messageOf(cause)}`, { cause });
  }
  if (!genuine) throw new FirebreakError("FBR_SIGNATURE", `the key ${keyId} did not sign an approval of ${spec.exemption} with ${spec.specDigest}`);
  return known.owner;
}
