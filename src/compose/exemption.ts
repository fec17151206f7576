import { type Arguments, onlyOperand } from "../cli/arguments.ts";
import { parseDocuments, readText } from "../cli/documents.ts";
import type { Terminal } from "../cli/terminal.ts";
import { ApiClient, absent } from "../cluster/api-client.ts";
import { userCredentials } from "../cluster/credentials.ts";
import { specDigest } from "../exemptions/digest.ts";
import { signApproval } from "../exemptions/signed-approval.ts";
import { FirebreakError } from "../model/errors.ts";
import type { BreakGlass, Exemption } from "../model/exemption.ts";
import { exemptionText } from "../reports/exemption-text.ts";
import { paint } from "../reports/paint.ts";
import type { Environment } from "./environment.ts";

const base = "/apis/firebreak.dev/v1alpha1";

/** `firebreak exemption show NAME` */
export async function runExemptionShow(args: Arguments, _environment: Environment, terminal: Terminal): Promise<number> {
  const exemption = await read(onlyOperand(args, "exemption show needs one name"));
  const digest = specDigest(exemption.spec as NonNullable<Exemption["spec"]>);
  const json = args.text("output") === "json";
  terminal.write(
    `${json ? JSON.stringify({ schema: "firebreak.exemption/1", digest, exemption }, null, 2) : exemptionText(exemption, digest, paint(terminal.colour))}\n`,
  );
  return 0;
}

/** `firebreak exemption approve NAME --digest DIGEST` */
export async function runExemptionApprove(args: Arguments, _environment: Environment, terminal: Terminal): Promise<number> {
  const name = onlyOperand(args, "exemption approve needs one name");
  const wanted = args.text("digest");
  if (wanted === undefined)
    throw new FirebreakError("FBR_USAGE", "exemption approve needs --digest: what you approve is what firebreak exemption show showed you");
  const digest = specDigest((await read(name)).spec as NonNullable<Exemption["spec"]>);
  if (digest !== wanted) throw new FirebreakError("FBR_EXEMPTION_INVALID", `${name} is ${digest} now: read it again before you approve`);
  const body = {
    apiVersion: "firebreak.dev/v1alpha1",
    kind: "ExemptionApproval",
    metadata: { generateName: `${name}-` },
    spec: { exemption: name, specDigest: digest },
  };
  const made = await withApi((api) => api.call<{ metadata: { name: string } }>("POST", `${base}/exemptionapprovals`, { body }));
  terminal.write(`exemptionapproval.firebreak.dev/${made.metadata.name} created\n`);
  return 0;
}

/** `firebreak exemption sign FILE --key FILE`: the approval as a manifest, for whoever delivers by Git. */
export async function runExemptionSign(args: Arguments, _environment: Environment, terminal: Terminal): Promise<number> {
  const file = onlyOperand(args, "exemption sign needs one file with an Exemption");
  const [key, keyId] = [args.text("key"), args.text("key-id")];
  if (key === undefined || keyId === undefined) throw new FirebreakError("FBR_USAGE", "exemption sign needs --key FILE and --key-id ID");
  const text = file === "-" ? await terminal.readStdin() : await readText(file);
  const [document, ...more] = parseDocuments(file, text).filter(({ object }) => object.kind === "Exemption");
  const exemption = document?.object as Exemption | undefined;
  if (exemption?.spec === undefined || more.length > 0) throw new FirebreakError("FBR_INPUT_INVALID", `${file}: exactly one Exemption is expected`);
  const name = exemption.metadata?.name ?? "";
  const spec = signApproval({ exemption: name, specDigest: specDigest(exemption.spec) }, keyId, await readText(key));
  const approval = { apiVersion: "firebreak.dev/v1alpha1", kind: "ExemptionApproval", metadata: { name: `${name}-${keyId}` }, spec };
  terminal.write(`${JSON.stringify(approval, null, 2)}\n`);
  return 0;
}

/** `firebreak breakglass --reason TEXT --for 15m` */
export async function runBreakGlass(args: Arguments, _environment: Environment, terminal: Terminal): Promise<number> {
  const reason = args.text("reason");
  const lasts = /^(\d{1,4})m$/.exec(args.text("for") ?? "15m");
  if (reason === undefined || reason.length < 10) throw new FirebreakError("FBR_USAGE", "breakglass needs --reason, a sentence that an auditor will read");
  if (lasts === null || Number(lasts[1]) < 1) throw new FirebreakError("FBR_USAGE", "--for is a number of minutes, 15m");
  const namespaces = args.list("namespace");
  const expires = new Date(Date.now() + Number(lasts[1]) * 60_000).toISOString();
  const spec = { reason, expires, ...(namespaces.length === 0 ? {} : { namespaces }) };
  const body = { apiVersion: "firebreak.dev/v1alpha1", kind: "BreakGlass", metadata: { generateName: "breakglass-" }, spec };
  const made = await withApi((api) => api.call<BreakGlass>("POST", `${base}/breakglasses`, { body }));
  const where = namespaces.length === 0 ? "in the whole cluster" : `in ${namespaces.join(", ")}`;
  terminal.write(`breakglass.firebreak.dev/${made.metadata?.name} created: nothing but Mandatory rules refuses ${where} until ${expires}\n`);
  terminal.write(`It ends by itself; sooner with: kubectl delete breakglass ${made.metadata?.name}\n`);
  return 0;
}

async function read(name: string): Promise<Exemption> {
  const found = await withApi((api) => api.get<Exemption>(`${base}/exemptions/${name}`).catch(absent));
  if (found?.spec === undefined) throw new FirebreakError("FBR_EXEMPTION_INVALID", `there is no exemption ${name}`);
  return found;
}

async function withApi<T>(task: (api: ApiClient) => Promise<T>): Promise<T> {
  const api = new ApiClient(userCredentials(), () => {});
  try {
    return await task(api);
  } finally {
    api.close();
  }
}
