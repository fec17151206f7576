import { generateKeyPairSync } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { type Arguments, onlyOperand } from "../cli/arguments.ts";
import { readText } from "../cli/documents.ts";
import { print, type Terminal } from "../cli/terminal.ts";
import { compilePack, type Workshop } from "../guardrails/authoring/compile.ts";
import { diffPacks } from "../guardrails/authoring/diff.ts";
import { readingRole } from "../guardrails/authoring/permissions.ts";
import { readReport, testsFile } from "../guardrails/authoring/report.ts";
import { isSourceFolder } from "../guardrails/authoring/sources.ts";
import { writeTemplate } from "../guardrails/authoring/template.ts";
import { digestOf, readBundle, signaturesFile, textOf, writeBundle } from "../guardrails/bundle/bundle.ts";
import { signerOf, signFiles, type TrustedKey, verifyFiles } from "../guardrails/bundle/signature.ts";
import type { Files } from "../guardrails/bundle/tar.ts";
import { type Catalogue, parseCatalogue } from "../guardrails/catalogue.ts";
import { packFrom } from "../guardrails/pack.ts";
import { FirebreakError, messageOf } from "../model/errors.ts";
import { compareVersions } from "../model/version.ts";
import { packDiffText, packInspectText } from "../reports/pack-text.ts";
import { paint } from "../reports/paint.ts";
import type { Environment } from "./environment.ts";
import { findOpa } from "./find-opa.ts";
import { buildPack, testFailures, testPack, workshop } from "./workshop.ts";

/** `firebreak pack init FOLDER` */
export async function runPackInit(args: Arguments, environment: Environment, terminal: Terminal): Promise<number> {
  const target = resolve(onlyOperand(args, "pack init needs one folder"));
  const files = await writeTemplate(join(environment.root, "policies"), target);
  terminal.write(`${files.map((file) => `  ${file}`).join("\n")}\n\nNext: firebreak pack test ${args.operands[0]}\n`);
  return 0;
}

/** `firebreak pack test FOLDER`: 1 where a test does not pass. */
export async function runPackTest(args: Arguments, environment: Environment, terminal: Terminal): Promise<number> {
  const folder = onlyOperand(args, "pack test needs the folder of a pack's sources");
  const tested = await testPack(folder, await workshopOf(args, environment));
  const failures = testFailures(tested);
  const { manifest } = tested.pack.catalogue;
  if (args.text("output") === "json") {
    const { rego, caseFailures, casesRun, rules } = tested;
    print(
      terminal,
      JSON.stringify({ schema: "firebreak.packTest/1", pack: manifest, passed: failures.length === 0, rego, casesRun, caseFailures, rules }, null, 2),
    );
    return failures.length === 0 ? 0 : 1;
  }
  const colours = paint(terminal.colour);
  const counts = `${tested.rego.passed} Rego tests and ${tested.casesRun - tested.caseFailures.length} of ${tested.casesRun} cases pass`;
  for (const failure of failures) print(terminal, `${colours.red("✗")} ${failure}`);
  print(terminal, failures.length === 0 ? colours.green(`${manifest.name} ${manifest.version}: ${counts}`) : `${manifest.name} ${manifest.version}: ${counts}`);
  return failures.length === 0 ? 0 : 1;
}

/** `firebreak pack build FOLDER -O FILE`: 1 where a test does not pass; nothing is written then. */
export async function runPackBuild(args: Arguments, environment: Environment, terminal: Terminal): Promise<number> {
  const folder = onlyOperand(args, "pack build needs the folder of a pack's sources");
  const tools = await workshopOf(args, environment);
  let files: Files;
  try {
    files = await buildPack(folder, tools);
  } catch (thrown) {
    if (!(thrown instanceof FirebreakError) || thrown.code !== "FBR_PACK_TESTS") throw thrown;
    terminal.warn(`firebreak: [${thrown.code}] ${thrown.message}\n`);
    return 1;
  }
  const { manifest } = catalogueOf(files);
  const target = args.text("out") ?? `${manifest.name}-${manifest.version}.tar.gz`;
  await writeFile(target, writeBundle(await signedIfAsked(files, args)));
  return print(terminal, `${target}  ${digestOf(files)}`);
}

/** `firebreak pack sign BUNDLE --key FILE --key-id ID` */
export async function runPackSign(args: Arguments, _environment: Environment, terminal: Terminal): Promise<number> {
  const file = onlyOperand(args, "pack sign needs one bundle");
  if (args.text("key") === undefined) throw new FirebreakError("FBR_USAGE", "pack sign needs --key FILE, an Ed25519 or ECDSA private key in PEM");
  const files = await signedIfAsked(readBundle(await bytesOf(file)), args);
  await writeFile(args.text("out") ?? file, writeBundle(files));
  return print(terminal, `${args.text("out") ?? file}  signed by ${signerOf(files)}  ${digestOf(files)}`);
}

/** `firebreak pack verify BUNDLE --key ID=FILE`: 1 where it is refused. */
export async function runPackVerify(args: Arguments, _environment: Environment, terminal: Terminal): Promise<number> {
  const file = onlyOperand(args, "pack verify needs one bundle");
  const keys = await Promise.all(args.list("key").map(trustedKey));
  if (keys.length === 0) throw new FirebreakError("FBR_USAGE", "pack verify needs --key ID=FILE, the public key of whoever signs");
  try {
    const files = readBundle(await bytesOf(file));
    const signer = verifyFiles(files, keys);
    const pack = await packFrom(files);
    readReport(files);
    const { name, version } = pack.catalogue.manifest;
    const installed = args.text("newer-than");
    if (installed !== undefined)
      refuseOlder(pack.catalogue, catalogueOf(readBundle(await bytesOf(installed))), [digestOf(files), digestOf(readBundle(await bytesOf(installed)))]);
    return print(terminal, `${name} ${version}  signed by ${signer}  ${pack.digest}`);
  } catch (thrown) {
    if (!(thrown instanceof FirebreakError) || ["FBR_USAGE", "FBR_INPUT_UNREADABLE"].includes(thrown.code)) throw thrown;
    terminal.warn(`firebreak: [${thrown.code}] ${thrown.message}\n`);
    return 1;
  }
}

function refuseOlder(next: Catalogue, installed: Catalogue, [digest, installedDigest]: readonly [string, string]): void {
  const { name, version } = next.manifest;
  if (name !== installed.manifest.name) throw new FirebreakError("FBR_PACK_CONFLICT", `the bundle is of ${name}, the other of ${installed.manifest.name}`);
  const order = compareVersions(version, installed.manifest.version);
  if (order < 0) throw new FirebreakError("FBR_PACK_CONFLICT", `the bundle is refused: ${version} is older than ${installed.manifest.version}`);
  if (order === 0 && digest !== installedDigest)
    throw new FirebreakError("FBR_PACK_CONFLICT", `the bundle is refused: it is ${version} too, and holds something else; a change is a new version`);
}

/** `firebreak pack diff BEFORE AFTER`: 1 where something changes. */
export async function runPackDiff(args: Arguments, environment: Environment, terminal: Terminal): Promise<number> {
  const [before, after, ...more] = args.operands;
  if (before === undefined || after === undefined || more.length > 0)
    throw new FirebreakError("FBR_USAGE", "pack diff needs two bundles or folders of sources; see firebreak pack diff --help");
  const [old, young] = await Promise.all([filesOf(before, args, environment), filesOf(after, args, environment)]);
  const changes = diffPacks(old, young);
  const [from, to] = [old, young].map((files) => catalogueOf(files).manifest).map(({ name, version }) => `${name} ${version}`) as [string, string];
  const json = args.text("output") === "json";
  print(
    terminal,
    json ? JSON.stringify({ schema: "firebreak.packDiff/1", from, to, changes }, null, 2) : packDiffText(changes, from, to, paint(terminal.colour)),
  );
  return changes.length === 0 ? 0 : 1;
}

/** `firebreak pack inspect BUNDLE|FOLDER` */
export async function runPackInspect(args: Arguments, environment: Environment, terminal: Terminal): Promise<number> {
  const files = await filesOf(onlyOperand(args, "pack inspect needs one bundle or folder of sources"), args, environment);
  const catalogue = catalogueOf(files);
  if (args.text("output") === "json") {
    const parameters = JSON.parse(textOf(files, "data.json")) as { params: object };
    const tests = files.has(testsFile) ? readReport(files) : null;
    const signedBy = files.has(signaturesFile) ? signerOf(files) : null;
    return print(
      terminal,
      JSON.stringify({ schema: "firebreak.pack/1", digest: digestOf(files), signedBy, catalogue, parameters: parameters.params, tests }, null, 2),
    );
  }
  const report = files.has(testsFile) ? readReport(files) : undefined;
  const shown = {
    ...catalogue.manifest,
    digest: digestOf(files),
    opa: catalogue.opa,
    signedBy: files.has(signaturesFile) ? `as by ${signerOf(files)} (firebreak pack verify proves it)` : undefined,
    rules: catalogue.rules,
    profiles: catalogue.profiles.map(({ id }) => id),
    tests: report && { rego: report.rego.passed, cases: report.cases.passed },
  };
  return print(terminal, packInspectText(shown, paint(terminal.colour)));
}

/** `firebreak pack rbac PACK` */
export async function runPackRbac(args: Arguments, environment: Environment, terminal: Terminal): Promise<number> {
  const files = await filesOf(onlyOperand(args, "pack rbac needs one bundle or folder of sources"), args, environment);
  return print(terminal, JSON.stringify(readingRole(catalogueOf(files)), null, 2));
}

/** `firebreak pack keygen NAME` */
export async function runPackKeygen(args: Arguments, _environment: Environment, terminal: Terminal): Promise<number> {
  const name = onlyOperand(args, "pack keygen needs a name for the two files");
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const [secret, shown] = [`${name}.key.pem`, `${name}.pub.pem`];
  await writeFile(secret, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600, flag: "wx" }).catch(alreadyThere(secret));
  await writeFile(shown, publicKey.export({ type: "spki", format: "pem" }), { flag: "wx" }).catch(alreadyThere(shown));
  return print(terminal, `${secret}  the private key: keep it where packs are signed\n${shown}  the public key: trust it where packs are run`);
}

function alreadyThere(file: string): (cause: unknown) => never {
  return (cause) => {
    throw new FirebreakError("FBR_USAGE", `${file} cannot be written: ${messageOf(cause)}`, { cause });
  };
}

/** The files of a bundle, or of sources once they are compiled. */
export async function filesOf(path: string, args: Arguments, environment: Environment): Promise<Files> {
  if (await isSourceFolder(path)) return compilePack(path, await workshopOf(args, environment));
  return readBundle(await bytesOf(path));
}

function catalogueOf(files: Files): Catalogue {
  return parseCatalogue(textOf(files, "catalogue.json"));
}

async function signedIfAsked(files: Files, args: Arguments): Promise<Files> {
  const key = args.text("key");
  if (key === undefined) return files;
  return signFiles(files, { id: args.text("key-id") ?? basename(key).replace(/(\.key)?\.pem$/, ""), privateKey: await readText(key) });
}

/** `ID=FILE`; without an id, the file's name is it. */
export async function trustedKey(option: string): Promise<TrustedKey> {
  const [, id, file] = /^([^=/]+)=(.+)$/.exec(option) ?? [undefined, undefined, option];
  return { id: id ?? basename(file).replace(/(\.pub)?\.pem$/, ""), publicKey: await readText(file) };
}

export async function bytesOf(file: string): Promise<Uint8Array> {
  return readFile(file).catch((cause: unknown) => {
    throw new FirebreakError("FBR_INPUT_UNREADABLE", `${file}: ${messageOf(cause)}`, { cause });
  });
}

/** OPA as it was named, or as it stands where Firebreak is installed, or on the PATH. */
async function workshopOf(args: Arguments, environment: Environment): Promise<Workshop> {
  return workshop(environment.root, args.text("opa") ?? (await findOpa(environment)));
}
