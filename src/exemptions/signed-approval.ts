import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { FirebreakError, messageOf } from "../model/errors.ts";
import type { ExemptionApproval } from "../model/exemption.ts";
import type { FlowContractApproval } from "../model/security-domain.ts";
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
type ContractSpec = NonNullable<FlowContractApproval["spec"]>;

/** What an approval is of: an exemption, or one side of a contract, and which spec of it. */
type Approved = Pick<Spec, "exemption" | "specDigest"> | Pick<ContractSpec, "contract" | "side" | "specDigest">;

/** What is signed. A signature says nothing about anything else. */
function statement(about: Approved): Buffer {
  const { specDigest } = about;
  if ("exemption" in about) return Buffer.from(canonical({ kind: "firebreak.dev/v1alpha1 ExemptionApproval", exemption: about.exemption, specDigest }));
  const { contract, side } = about;
  return Buffer.from(canonical({ kind: "firebreak.dev/v1alpha1 FlowContractApproval", contract, side, specDigest }));
}

/** @throws FirebreakError FBR_SIGNATURE where the key is none. */
export function signApproval<T extends Approved>(about: T, keyId: string, privateKey: string): T & { readonly signature: { keyId: string; value: string } } {
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
export function signerOf(spec: Spec | ContractSpec, keys: readonly ApproverKey[]): string {
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
  if (!genuine)
    throw new FirebreakError(
      "FBR_SIGNATURE",
      `the key ${keyId} did not sign an approval of ${"exemption" in spec ? spec.exemption : spec.contract} with ${spec.specDigest}`,
    );
  return known.owner;
}
