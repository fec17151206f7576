import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Exemption, ExemptionSpec } from "../model/exemption.ts";
import { canonical, specDigest } from "./digest.ts";
import { exemptionFindings } from "./findings.ts";
import { permissionsFrom } from "./register.ts";
import { signApproval, signerOf } from "./signed-approval.ts";

const spec: ExemptionSpec = { rules: [{ id: "SEG-OP-001" }], subject: { namespace: "shop" }, reason: "r", ticket: "t", expires: "2026-12-31T00:00:00Z" };
const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const keys = [{ id: "k", publicKey: publicKey.export({ type: "spki", format: "pem" }).toString(), owner: "carol" }];

test("the digest is the spec's, whatever the order of its fields and whoever asked; any change is another one", () => {
  expect(specDigest({ ...spec, requestedBy: "alice" })).toBe(specDigest(Object.fromEntries(Object.entries(spec).reverse()) as never));
  fc.assert(
    fc.property(fc.constantFrom("reason", "ticket", "expires", "notBefore", "compensatingControl"), fc.string(), (field, value) => {
      const changed = { ...spec, [field]: value };
      expect(specDigest(changed) === specDigest(spec)).toBe(canonical(changed) === canonical(spec));
    }),
  );
});

test("a signature says its key's owner for one exemption and one digest, and nothing else", () => {
  const signed = signApproval({ exemption: "e", specDigest: "sha256:1" }, "k", pem);
  expect(signerOf(signed, keys)).toBe("carol");
  expect(() => signerOf({ ...signed, exemption: "other" }, keys)).toThrow("did not sign an approval of other");
  expect(() => signerOf({ ...signed, specDigest: "sha256:2" }, keys)).toThrow("did not sign");
  expect(() => signerOf(signed, [])).toThrow("is not listed");
  expect(() => signerOf({ ...signed, signature: { keyId: "k", value: "" } }, keys)).toThrow("did not sign");
});

test("what is incomplete, or signed by nobody who is listed, permits nothing; a signature counts for its key, not for who brought it", () => {
  const signed = signApproval({ exemption: "e", specDigest: "sha256:1" }, "k", pem);
  const approvals = [
    { spec: { ...signed, approvedBy: "courier" } },
    { spec: { ...signed, exemption: "f", approvedBy: "courier" } },
    { spec: { exemption: "e", specDigest: "sha256:1", approvedBy: "dave" } },
    {},
  ];
  const read = permissionsFrom({ exemptions: [{ metadata: { name: "e" } }, { spec }], approvals, breakGlasses: [{ metadata: { name: "g" } }] }, keys);
  expect(read).toEqual({
    exemptions: [],
    approvals: [
      { exemption: "e", digest: "sha256:1", approver: "carol" },
      { exemption: "e", digest: "sha256:1", approver: "dave" },
    ],
    breakGlasses: [],
  });
});

test("exemptions that are over, unused or for nothing that is there are findings", () => {
  const now = new Date("2026-06-01T00:00:00Z");
  const named = (name: string, more: Partial<ExemptionSpec> = {}, lastUsed?: string): Exemption => ({
    metadata: { name, creationTimestamp: "2026-01-01T00:00:00Z" },
    spec: { ...spec, ...more },
    ...(lastUsed === undefined ? {} : { status: { lastUsed } }),
  });
  const all = [
    named("over"),
    named("idle"),
    named("busy", {}, "2026-05-30T00:00:00Z"),
    named("nowhere", { subject: { namespace: "gone" } }),
    named("ruleless", { rules: [{ id: "SEG-XX-999" }] }),
  ];
  const phases = new Map(all.map(({ metadata }) => [metadata?.name ?? "", metadata?.name === "over" ? ("Expired" as const) : ("Active" as const)]));
  const found = exemptionFindings(all, { phases, ruleIds: new Set(["SEG-OP-001"]), namespaceExists: (name) => name === "shop", now });
  expect(found.map(({ ruleId, subject }) => `${subject.name} ${ruleId}`)).toEqual([
    "over FBR-EX-001",
    "idle FBR-EX-002",
    "nowhere FBR-EX-003",
    "ruleless FBR-EX-003",
  ]);
});
