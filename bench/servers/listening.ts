import { createAuthority, issueLeaf } from "../../src/tls/authority.ts";

const day = 24 * 3_600_000;

/** A certificate for loopback, made anew by each server. */
export function loopbackCertificate(): { readonly cert: string; readonly key: string } {
  const { certificate, key } = issueLeaf(createAuthority(day, new Date()), ["127.0.0.1", "localhost"], day, new Date());
  return { cert: certificate, key };
}

/** Tells the parent where the server listens. */
export function announce(address: string): void {
  process.stderr.write(`listening ${new URL(address).port}\n`);
}
