import { createAuthority, issueLeaf } from "../../src/tls/authority.ts";

const day = 24 * 3_600_000;

/** A certificate for loopback, made anew by each server, and who vouches for it. */
export function loopbackCertificate(): { readonly cert: string; readonly key: string; readonly authority: string } {
  const authority = createAuthority(day, new Date());
  const { certificate, key } = issueLeaf(authority, ["127.0.0.1", "localhost"], day, new Date());
  return { cert: certificate, key, authority: authority.certificate };
}

/** Tells the parent where the server listens, and what to trust, as a webhook's caBundle. */
export function announce(address: string, authority: string): void {
  process.stderr.write(`listening ${new URL(address).port} ${Buffer.from(authority).toString("base64")}\n`);
}
