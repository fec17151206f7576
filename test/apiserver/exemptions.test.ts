import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { specDigest } from "../../src/exemptions/digest.ts";
import { signApproval } from "../../src/exemptions/signed-approval.ts";
import type { Exemption, ExemptionSpec } from "../../src/model/exemption.ts";
import type { KubectlResult } from "../../tools/cluster/control-plane.ts";
import type { Identity } from "../../tools/cluster/identities.ts";
import { eventually } from "../../tools/cluster/process.ts";
import { netAdmin, pod, testBed } from "./test-bed.ts";

const carol = generateKeyPairSync("ed25519");
const publicKey = carol.publicKey.export({ type: "spki", format: "pem" }).toString();
const privateKey = carol.privateKey.export({ type: "pkcs8", format: "pem" }).toString();

const bed = testBed({
  firebreak: { configuration: { exemptions: { approvals: { critical: 2 }, keys: [{ id: "carol", publicKey, owner: "carol" }] } } },
  before: async (one) => {
    const bind = (name: string, role: string, group: string) =>
      one.admin(["create", "clusterrolebinding", name, `--clusterrole=firebreak-${role}`, `--group=${group}`]);
    await bind("requesters", "request-exemptions", "acme-developers");
    await bind("approvers-1", "approve-exemptions", "security-team");
    await bind("approvers-2", "approve-exemptions", "platform-team");
    await bind("on-call", "break-glass", "platform-team");
  },
});

const inDays = (days: number) => new Date(Date.now() + days * 24 * 3_600_000).toISOString();

function exemption(name: string, fields: Partial<ExemptionSpec> = {}): object {
  const spec = {
    rules: [{ id: "SEG-OP-003" }],
    subject: { namespace: "shop" },
    reason: "a probe that needs it",
    ticket: "SEC-1",
    expires: inDays(5),
    ...fields,
  };
  return { apiVersion: "firebreak.dev/v1alpha1", kind: "Exemption", metadata: { name }, spec };
}

function approval(name: string, of: string, digest: string, more: object = {}): object {
  return { apiVersion: "firebreak.dev/v1alpha1", kind: "ExemptionApproval", metadata: { name }, spec: { exemption: of, specDigest: digest, ...more } };
}

async function digestOf(name: string): Promise<string> {
  return specDigest((await bed.get<Exemption>("exemption", name))?.spec as ExemptionSpec);
}

let pods = 0;
function probe(as: Identity = "alice", metadata: object = {}): Promise<KubectlResult> {
  pods += 1;
  return bed.create(as, pod(`probe-${pods}`, { spec: netAdmin, metadata: { name: `probe-${pods}`, ...metadata } }), "-n", "shop");
}

/** Until replicas and API server have seen the last change. */
function eventuallyCode(code: number): Promise<unknown> {
  return eventually(`a probe that ends with ${code}`, async () => ((await probe()).code === code ? true : undefined));
}

test("an exemption permits once two others approved this very spec; who asked is stamped, and approves nothing", async () => {
  await bed.tenantNamespace("shop");
  expect((await probe()).stderr).toContain("[SEG-OP-003]");
  const asked = await bed.create("alice", exemption("probe", { requestedBy: "bob" } as never));
  expect(asked.stderr).toContain("2 other people must approve");
  expect((await bed.get<Exemption>("exemption", "probe"))?.spec?.requestedBy).toBe("alice");
  const digest = await digestOf("probe");
  await bed.admin(["create", "clusterrolebinding", "alice-approves", "--clusterrole=firebreak-approve-exemptions", "--user=alice"]);
  await eventually("that alice may approve, but not this", async () =>
    (await bed.create("alice", approval("self", "probe", digest))).stderr.includes("alice asked for probe: somebody else must approve it") ? true : undefined,
  );
  expect((await bed.create("bob", approval("by-bob", "probe", digest))).code).toBe(1);
  expect((await bed.create("security", approval("in-anothers-name", "probe", digest, { approvedBy: "root" }))).code).toBe(0);
  expect((await bed.get("exemptionapproval", "in-anothers-name"))?.spec.approvedBy).toBe("sam");
  expect((await bed.create("security", approval("again", "probe", digest))).code).toBe(0);
  // Being somebody else takes a permission of its own, and the approval bears the name that the API server believes.
  const asPat = await bed.kubectl("security", ["create", "--as=pat", "--validate=false", "-f", "-"], JSON.stringify(approval("as-pat", "probe", digest)));
  expect(asPat.stderr).toContain("impersonate");
  // One person twice is one.
  for (const _ of [1, 2, 3]) expect((await probe()).code).toBe(1);
  expect((await bed.create("platform", approval("second", "probe", digest))).code).toBe(0);
  await eventuallyCode(0);
  const status = await eventually("its status", async () => {
    const found = (await bed.get<Exemption>("exemption", "probe"))?.status;
    return found?.phase === "Active" && found.lastUsed !== undefined ? found : undefined;
  });
  expect(status).toMatchObject({ approvedBy: ["pat", "sam"], approvalsNeeded: 2, specDigest: digest });
  const recorded = (await bed.firebreak.lines()).flatMap(({ results }) => (results ?? []) as { ruleId: string; effect: string; exemptions?: string[] }[]);
  expect(recorded).toContainEqual(expect.objectContaining({ ruleId: "SEG-OP-003", effect: "exempted", exemptions: ["probe"] }));
});

async function editAsSam(reason: string): Promise<undefined> {
  await bed.kubectl("security", ["patch", "exemption", "probe", "--type=merge", "-p", JSON.stringify({ spec: { reason } })]);
  return undefined;
}

test("an edit after approval voids it; an approval is for what stands now, and is never changed", async () => {
  const before = await digestOf("probe");
  await bed.kubectl("alice", ["patch", "exemption", "probe", "--type=merge", "-p", JSON.stringify({ spec: { reason: "a probe that needs even more" } })]);
  await eventuallyCode(1);
  expect((await bed.create("security", approval("stale", "probe", before))).stderr).toContain("read it again before you approve");
  expect((await bed.create("security", approval("nowhere", "none", before))).stderr).toContain("there is no exemption none");
  const changed = await bed.kubectl("security", [
    "patch",
    "exemptionapproval",
    "again",
    "--type=merge",
    "-p",
    JSON.stringify({ spec: { specDigest: await digestOf("probe") } }),
  ]);
  expect(changed.code).toBe(1);
  const labelled = await bed.kubectl("alice", ["label", "exemption", "probe", "a=b"]);
  expect(labelled.code).toBe(0);
  // Whoever edits asks: an approver who edits cannot approve their own edit.
  await bed.admin(["create", "clusterrolebinding", "sam-asks", "--clusterrole=firebreak-request-exemptions", "--user=sam"]);
  const wanted = "what sam wants it to say";
  await eventually("sam's edit", async () => ((await bed.get<Exemption>("exemption", "probe"))?.spec?.reason === wanted ? true : editAsSam(wanted)));
  expect((await bed.create("security", approval("own-edit", "probe", await digestOf("probe")))).stderr).toContain("sam asked for probe");
});

test("an approval signed elsewhere counts as its key's owner, and for this exemption alone", async () => {
  const digest = await digestOf("probe");
  const signed = signApproval({ exemption: "probe", specDigest: digest }, "carol", privateKey);
  await bed.create("alice", exemption("twin", { reason: "what sam wants it to say" }));
  const replayed = { ...signed, exemption: "twin", specDigest: await digestOf("twin") };
  const asGitOps = (name: string, spec: object) =>
    bed.create("platform", { apiVersion: "firebreak.dev/v1alpha1", kind: "ExemptionApproval", metadata: { name }, spec });
  expect((await asGitOps("replayed", replayed)).stderr).toContain("did not sign an approval of twin");
  expect((await asGitOps("stranger", { ...signed, signature: { ...signed.signature, keyId: "mallory" } })).stderr).toContain("is not listed");
  expect((await asGitOps("signed", signed)).code).toBe(0);
  expect((await bed.create("platform", approval("pat-too", "probe", digest))).code).toBe(0);
  await eventuallyCode(0);
  const phase = async () => (await bed.get<Exemption>("exemption", "probe"))?.status;
  await eventually("both approvers", async () => ((await phase())?.approvedBy?.join() === "carol,pat" ? true : undefined));
});

test("it ends while everything runs, in the very second", async () => {
  await bed.admin(["delete", "exemption", "probe", "twin"]);
  await eventuallyCode(1);
  const expires = new Date(Date.now() + 12_000).toISOString();
  await bed.create("alice", exemption("brief", { expires }));
  const digest = await digestOf("brief");
  await bed.create("security", approval("brief-1", "brief", digest));
  await bed.create("platform", approval("brief-2", "brief", digest));
  await eventuallyCode(0);
  await eventuallyCode(1);
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expires));
  await eventually("its status", async () => ((await bed.get<Exemption>("exemption", "brief"))?.status?.phase === "Expired" ? true : undefined));
});

test("what cannot be an exemption is refused with the field; nothing on an object exempts it", async () => {
  const refusal = async (fields: Partial<ExemptionSpec>) => (await bed.create("alice", exemption("bad", fields))).stderr;
  expect(await refusal({ expires: inDays(-1) })).toContain("is over");
  expect(await refusal({ expires: inDays(60) })).toContain("SEG-OP-003 is critical: ask again before it ends");
  expect(await refusal({ rules: [{ id: "SEG-ID-004" }] })).toContain("SEG-ID-004 is Mandatory and cannot be exempted");
  expect(await refusal({ subject: { labels: { a: "b" } } })).toContain("a namespace, or kind and name");
  expect(await refusal({ reason: "short" })).toContain("spec.reason");
  const labelled = await probe("alice", {
    labels: { "firebreak.dev/exempt": "true", component: "c", owner: "o" },
    annotations: { "firebreak.dev/exemption": "brief" },
  });
  expect(labelled.stderr).toContain("[SEG-OP-003]");
});

test("a broken glass lets through what is not Mandatory, with an alarm, and is whole again by itself", async () => {
  const glass = (seconds: number) => ({
    apiVersion: "firebreak.dev/v1alpha1",
    kind: "BreakGlass",
    metadata: { generateName: "incident-" },
    spec: { reason: "the shop is down, INC-7", expires: new Date(Date.now() + seconds * 1000).toISOString() },
  });
  expect((await bed.create("alice", glass(15))).code).toBe(1);
  expect((await bed.create("security", glass(15))).code).toBe(1);
  expect((await bed.create("platform", glass(7200))).stderr).toContain("more than 60 minutes away");
  expect((await bed.create("platform", glass(12))).stderr).toContain("the glass is broken");
  await eventually("a probe that passes", async () => {
    const { code, stderr } = await probe();
    return code === 0 && stderr.includes("Warning: [SEG-OP-003]") ? true : undefined;
  });
  // Mandatory rules hold all the same.
  expect((await bed.kubectl("alice", ["label", "namespace", "shop", "firebreak.dev/mode=observe", "--overwrite"])).code).toBe(1);
  expect((await bed.create("alice", pod("mover", { labels: { "firebreak.dev/tenant": "other" } }), "-n", "shop")).stderr).toContain("SEG-ID");
  await eventually("an event", async () =>
    (await bed.list("events", "-n", "default")).some((event) => (event as unknown as { reason: string }).reason === "GlassBroken") ? true : undefined,
  );
  expect(await bed.firebreak.lines()).toContainEqual(expect.objectContaining({ alarm: "break-glass", requestedBy: "pat" }));
  await eventuallyCode(1);
  await eventually("a line about its end", async () =>
    (await bed.firebreak.lines()).some(({ msg }) => msg === "the glass is whole again") ? true : undefined,
  );
});

test("with the webhooks off nobody writes an approval in another's name, nor a tier that is not theirs", async () => {
  await bed.create("alice", exemption("off"));
  const digest = await digestOf("off");
  await bed.admin(["create", "configmap", "firebreak-mode", "-n", "firebreak-system", "--from-literal=mode=Off"]);
  await eventually("no webhooks", async () => ((await bed.get("validatingwebhookconfiguration", "firebreak")) === undefined ? true : undefined));
  const forged = await eventually("an answer without the webhooks", async () => {
    const answer = await bed.create("security", approval("forged", "off", digest, { approvedBy: "carol" }));
    return answer.stderr.includes("webhook") && answer.stderr.includes("failed calling") ? undefined : answer;
  });
  expect(forged.stderr).toContain("this would stand in the name of 'carol', and sam writes it");
  await bed.admin(["create", "clusterrole", "rulepack-writer", "--verb=create", "--resource=rulepacks.firebreak.dev"]);
  await bed.admin(["create", "clusterrolebinding", "sam-writes", "--clusterrole=rulepack-writer", "--user=sam"]);
  const spec = { tier: "Mandatory", source: { configMap: { name: "x" } } };
  const pack = await bed.create("security", { apiVersion: "firebreak.dev/v1alpha1", kind: "RulePack", metadata: { name: "forged" }, spec });
  expect(pack.stderr).toContain("sam may not write rule packs of tier Mandatory");
});
