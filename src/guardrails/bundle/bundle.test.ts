import { generateKeyPairSync } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { digestOf, readBundle, signaturesFile, writeBundle } from "./bundle.ts";
import { signFiles, verifyFiles } from "./signature.ts";
import { readTar, writeTar } from "./tar.ts";

const text = (value: string) => new TextEncoder().encode(value);
const files = new Map([
  ["policy.wasm", text("module")],
  ["data.json", text('{"b": 1, "a": "\u2028<&>"}')],
  [".manifest", text('{"revision":"1.0.0"}')],
  ["packs/p/r/r.rego", text("package packs.p.r\n")],
]);

function pair(type: "ed25519" | "P-256" | "P-384" | "P-521" = "ed25519") {
  const generated = type === "ed25519" ? generateKeyPairSync("ed25519") : generateKeyPairSync("ec", { namedCurve: type });
  const privateKey = generated.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return { privateKey, publicKey: generated.publicKey.export({ type: "spki", format: "pem" }).toString() };
}

test("what is written is read, for any files", () => {
  const path = fc.array(fc.stringMatching(/^[a-z_.]{1,20}x$/), { minLength: 1, maxLength: 6 }).map((parts) => parts.join("/"));
  fc.assert(
    fc.property(fc.dictionary(path, fc.uint8Array({ maxLength: 1500 })), (written) => {
      const some = new Map(Object.entries(written));
      const read = readBundle(writeBundle(some));
      expect([...read.keys()]).toEqual([...some.keys()].sort());
      for (const [name, content] of some) expect(Buffer.from(read.get(name) as Uint8Array)).toEqual(Buffer.from(content));
    }),
  );
});

test("the same files are the same bytes, whatever their order", () => {
  const reversed = new Map([...files].reverse());
  expect(Buffer.from(writeBundle(reversed))).toEqual(Buffer.from(writeBundle(files)));
  expect(digestOf(reversed)).toBe(digestOf(files));
  expect(digestOf(new Map([...files, ["x", text("")]]))).not.toBe(digestOf(files));
});

test.each(["ed25519", "P-256", "P-384", "P-521"] as const)("a bundle signed with %s is accepted; the digest stays", (type) => {
  const { privateKey, publicKey } = pair(type);
  const signed = readBundle(writeBundle(signFiles(files, { id: "k", privateKey })));
  expect(verifyFiles(signed, [{ id: "k", publicKey }])).toBe("k");
  expect(digestOf(signed)).toBe(digestOf(files));
});

test("unsigned, stripped, re-keyed, changed, with a file more or less: refused, and it says why", () => {
  const ours = pair();
  const theirs = pair();
  const trusted = [{ id: "k", publicKey: ours.publicKey }];
  const signed = signFiles(files, { id: "k", privateKey: ours.privateKey });
  const refusal = (some: ReadonlyMap<string, Uint8Array>, keys = trusted) => expect(() => verifyFiles(some, keys));
  refusal(files).toThrow("it is not signed");
  refusal(new Map([...signed].filter(([name]) => name !== signaturesFile))).toThrow("it is not signed");
  refusal(signFiles(files, { id: "k", privateKey: theirs.privateKey })).toThrow("the key k did not make its signature");
  refusal(signFiles(files, { id: "other", privateKey: theirs.privateKey })).toThrow("signed by the key other, which is not trusted here; trusted: k");
  refusal(new Map([...signed, ["lib/extra.rego", text("x")]])).toThrow("lib/extra.rego was added after it was signed");
  refusal(new Map([...signed, ["policy.wasm", text("Module")]])).toThrow("policy.wasm was changed after it was signed");
  refusal(new Map([...signed].filter(([name]) => name !== "policy.wasm"))).toThrow("policy.wasm was taken out after it was signed");
  refusal(new Map([...signed, ["data.json", text('{"a":"\u2028<&>","b":1}')]])).not.toThrow();
  refusal(new Map([...signed, ["data.json", text('{"a":"\u2028<&>","b":2}')]])).toThrow("data.json was changed");
  refusal(signed, []).toThrow("trusted: none");
  expect(() => verifyFiles(signed, [{ id: "k", publicKey: "no key" }])).toThrow("the trusted key k cannot be read as PEM");
});

test("a header cannot choose a weaker algorithm or leave out the key", () => {
  const { privateKey, publicKey } = pair("P-256");
  const signed = signFiles(files, { id: "k", privateKey });
  const token = JSON.parse(Buffer.from(signed.get(signaturesFile) as Uint8Array).toString()).signatures[0] as string;
  const [, body, signature] = token.split(".");
  const forged = (header: object, claims = body, proof = signature) => {
    const head = Buffer.from(JSON.stringify(header)).toString("base64url");
    return new Map([...files, [signaturesFile, text(JSON.stringify({ signatures: [`${head}.${claims}.${proof}`] }))]]);
  };
  const trusted = [{ id: "k", publicKey }];
  expect(() => verifyFiles(forged({ alg: "none", kid: "k" }, body, ""), trusted)).toThrow("its signature cannot be read");
  expect(() => verifyFiles(forged({ alg: "HS256", kid: "k" }), trusted)).toThrow("its signature cannot be read");
  expect(() => verifyFiles(forged({ alg: "EdDSA", kid: "k" }), trusted)).toThrow("its signature is EdDSA, and the key k is not");
  expect(() => verifyFiles(forged({ alg: "ES256" }, Buffer.from('{"files":[]}').toString("base64url")), trusted)).toThrow("does not say which key");
  expect(() => verifyFiles(new Map([...files, [signaturesFile, text('{"signatures":[]}')]]), trusted)).toThrow("exactly one signature");
});

test("only keys that are strong enough sign", () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  expect(() => signFiles(files, { id: "k", privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString() })).toThrow("Ed25519 and ECDSA");
  expect(() => signFiles(files, { id: "k", privateKey: "x" })).toThrow("cannot be read as PEM");
});

/** An archive of one file whose header was changed. */
function altered(change: (header: Buffer) => void, again = true): Buffer {
  const tar = Buffer.from(writeTar(new Map([["a", text("hello")]])));
  change(tar.subarray(0, 512));
  if (again) {
    tar.fill(" ", 148, 156);
    const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    tar.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  }
  return tar;
}

test.each([
  ["a damaged header", altered((header) => header.write("b", 1), false), "damaged"],
  ["a path that leads out", altered((header) => header.write("../a", 0)), "no path inside"],
  ["a path with a dot in it", altered((header) => header.write("x/./a", 0)), "no path inside"],
  ["a symbolic link", altered((header) => header.write("2", 156)), "no regular file"],
  ["an extended header, which renames what follows", altered((header) => header.write("x", 156)), "no regular file"],
  ["a size that is none", altered((header) => header.write("9999", 124)), "has no size"],
  ["a size beyond its end", altered((header) => header.write("77777777777\0", 124)), "cut off"],
  ["bytes after its end", Buffer.concat([writeTar(files), text("more")]), "after its end"],
])("%s is refused", (_, bytes, why) => {
  expect(() => readTar(bytes)).toThrow(why);
});

test("a name that stands twice is refused: two readers would take different ones", () => {
  const one = writeTar(new Map([["a", text("good")]])).subarray(0, 1024);
  expect(() => readTar(Buffer.concat([one, writeTar(new Map([["a", text("evil")]]))]))).toThrow("a stands twice");
});

test("a bundle that unpacks to far more than its size is refused before it fills the memory", () => {
  expect(() => readBundle(gzipSync(Buffer.alloc(80 * 1024 * 1024)))).toThrow("larger than");
  expect(() => readBundle(text("no gzip"))).toThrow("cannot be unpacked");
  expect(gunzipSync(writeBundle(files)).length % 512).toBe(0);
});
