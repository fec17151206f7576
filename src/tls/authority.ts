import { generateKeyPairSync, randomBytes } from "node:crypto";
import forge from "node-forge";
import type { KeyPair } from "../model/certificates.ts";

const { pki, md } = forge;

/** Clocks of nodes differ: a certificate is valid a little before it was made. */
const skewMillis = 5 * 60_000;

/** A new self-signed authority. RSA, because node-forge signs no other; 2,048 bits are what API servers and FIPS accept. */
export function createAuthority(validMillis: number, now: Date): KeyPair {
  const keys = newKeys();
  const subject = [{ name: "commonName", value: `firebreak-authority-${now.toISOString()}` }];
  const certificate = blank(keys.publicKey, now, validMillis);
  certificate.setSubject(subject);
  certificate.setIssuer(subject);
  certificate.setExtensions([
    { name: "basicConstraints", cA: true, critical: true },
    { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
    { name: "subjectKeyIdentifier" },
  ]);
  certificate.sign(keys.privateKey, md.sha256.create());
  return { certificate: pki.certificateToPem(certificate), key: keys.pem };
}

/** A serving certificate for DNS names and IP addresses, signed by `authority`. */
export function issueLeaf(authority: KeyPair, names: readonly string[], validMillis: number, now: Date): KeyPair {
  const issuer = pki.certificateFromPem(authority.certificate);
  const keys = newKeys();
  const certificate = blank(keys.publicKey, now, validMillis);
  certificate.setSubject([{ name: "commonName", value: (names[0] ?? "firebreak").slice(0, 64) }]);
  certificate.setIssuer(issuer.subject.attributes);
  certificate.setExtensions([
    { name: "basicConstraints", cA: false, critical: true },
    { name: "keyUsage", digitalSignature: true, keyEncipherment: true, critical: true },
    { name: "extKeyUsage", serverAuth: true },
    { name: "subjectAltName", altNames: names.map(altName) },
    { name: "authorityKeyIdentifier", keyIdentifier: issuer.generateSubjectKeyIdentifier().getBytes() },
  ]);
  certificate.sign(pki.privateKeyFromPem(authority.key), md.sha256.create());
  return { certificate: pki.certificateToPem(certificate), key: keys.pem };
}

/** When a certificate begins and ends to be valid. */
export function validity(pem: string): { readonly notBefore: Date; readonly notAfter: Date } {
  return pki.certificateFromPem(pem).validity;
}

/** Whether two thirds of a certificate's life are over: time to make the next one while this one still serves. */
export function isDue(pem: string, now: Date): boolean {
  const { notBefore, notAfter } = validity(pem);
  return now.getTime() > notBefore.getTime() + ((notAfter.getTime() - notBefore.getTime()) * 2) / 3;
}

/** Key generation in JavaScript takes seconds; Node's own takes tens of milliseconds. */
function newKeys() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const forgeKey = pki.privateKeyFromPem(pem);
  return { pem, privateKey: forgeKey, publicKey: pki.setRsaPublicKey(forgeKey.n, forgeKey.e) };
}

function blank(publicKey: forge.pki.rsa.PublicKey, now: Date, validMillis: number) {
  const certificate = pki.createCertificate();
  certificate.publicKey = publicKey;
  certificate.serialNumber = `00${randomBytes(16).toString("hex")}`;
  certificate.validity.notBefore = new Date(now.getTime() - Math.min(skewMillis, validMillis / 4));
  certificate.validity.notAfter = new Date(now.getTime() + validMillis);
  return certificate;
}

/** GeneralName types of RFC 5280: 2 is a DNS name, 7 an IP address. */
function altName(name: string) {
  return /^[\d.]+$|:/.test(name) ? { type: 7, ip: name } : { type: 2, value: name };
}
