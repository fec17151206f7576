import fc from "fast-check";
import { expect, test } from "vitest";
import type { Attributes } from "../model/attributes.ts";
import {
  defaultPermissionPolicy,
  type ExemptionSpec,
  noPermissions,
  type RecordedApproval,
  type RecordedBreakGlass,
  type RecordedExemption,
} from "../model/exemption.ts";
import { approversOf, exemptionsFor, openBreakGlass, phaseOf } from "./exemptions.ts";

const created = new Date("2026-06-01T00:00:00Z");
const day = 24 * 3_600_000;
const at = (days: number) => new Date(created.getTime() + days * day);

function exemption(fields: Partial<ExemptionSpec> = {}, digest = "sha256:1", name = "e"): RecordedExemption {
  const spec = {
    rules: [{ id: "SEG-OP-001" }],
    subject: { namespace: "shop" },
    reason: "r",
    ticket: "T-1",
    expires: at(20).toISOString(),
    requestedBy: "alice",
    ...fields,
  };
  return { name, digest, spec, createdAt: created };
}

const by = (approver: string, digest = "sha256:1", of = "e"): RecordedApproval => ({ exemption: of, digest, approver });

function permitting(exemptions: RecordedExemption[], approvals: RecordedApproval[], now = at(1)) {
  return { permissions: { ...noPermissions, exemptions, approvals }, policy: defaultPermissionPolicy, now };
}

const pod = {
  namespace: "shop",
  name: "web",
  kind: { group: "", version: "v1", kind: "Pod" },
  object: {
    metadata: {
      name: "web",
      labels: { app: "web" },
      ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "web-1", uid: "u", controller: true }],
    },
  },
} as unknown as Attributes;

const asked = { ruleId: "SEG-OP-001", severity: "high", tier: "Standard", pack: "p@1.2.0" } as const;
const permits = (one: RecordedExemption, approvals = [by("bob")], now = at(1), of: Partial<typeof asked> | object = {}, attributes = pod) =>
  exemptionsFor({ ...asked, ...of }, attributes, permitting([one], approvals, now)).length === 1;

test("an approved exemption permits; nobody approves their own, and one person counts once", () => {
  expect(permits(exemption())).toBe(true);
  expect(permits(exemption(), [])).toBe(false);
  expect(permits(exemption(), [by("alice")])).toBe(false);
  expect(permits(exemption(), [by("bob"), by("bob")], at(1), { severity: "critical" })).toBe(false);
  const brief = exemption({ expires: at(5).toISOString() });
  expect(permits(brief, [by("bob"), by("carol")], at(1), { severity: "critical" })).toBe(true);
  expect(permits(brief, [by("bob"), by("alice")], at(1), { severity: "critical" })).toBe(false);
  expect(approversOf(exemption({ requestedBy: "" }), { ...noPermissions, approvals: [by("bob")] })).toEqual([]);
});

test("an edit after approval voids it, and an approval of another exemption counts nowhere else", () => {
  expect(permits(exemption({ reason: "another" }, "sha256:2"))).toBe(false);
  expect(permits(exemption(), [by("bob", "sha256:1", "other")])).toBe(false);
});

test("it begins and ends by the clock alone, also where the clock is moved", () => {
  const later = exemption({ notBefore: at(3).toISOString() });
  expect([at(2), at(3), at(19), at(20), at(400)].map((now) => phaseOf(later, "high", permitting([later], [by("bob")], now)))).toEqual([
    "NotYet",
    "Active",
    "Active",
    "Expired",
    "Expired",
  ]);
  // Back to before it was made: nothing is permitted then either.
  expect(permits(exemption(), [by("bob")], at(-1))).toBe(false);
});

test("it cannot last longer than its severity allows, nor begin after its end, nor have no dates", () => {
  expect(permits(exemption({ expires: at(31).toISOString() }))).toBe(false);
  expect(permits(exemption({ expires: at(31).toISOString() }), [by("bob")], at(1), { severity: "medium" })).toBe(true);
  expect(permits(exemption({ notBefore: at(300).toISOString(), expires: at(200).toISOString() }), [by("bob")], at(250))).toBe(false);
  expect(permits(exemption({ expires: "some day" }))).toBe(false);
  expect(permits(exemption({ notBefore: "soon" }))).toBe(false);
});

test("a Mandatory rule is never exempted", () => {
  expect(permits(exemption(), [by("bob")], at(1), { tier: "Mandatory" })).toBe(false);
});

test.each<[string, Partial<ExemptionSpec>, boolean]>([
  ["another namespace", { subject: { namespace: "other" } }, false],
  ["no namespace and no name", { subject: { labels: { app: "web" } } }, false],
  ["its name", { subject: { namespace: "shop", kind: "Pod", name: "web" } }, true],
  ["a part of its name", { subject: { namespace: "shop", name: "we" } }, false],
  ["a wildcard", { subject: { namespace: "*" } }, false],
  ["its owner", { subject: { namespace: "shop", owner: { kind: "ReplicaSet", name: "web-1" } } }, true],
  ["another owner", { subject: { namespace: "shop", owner: { kind: "ReplicaSet", name: "web-2" } } }, false],
  ["its labels in its namespace", { subject: { namespace: "shop", labels: { app: "web" } } }, true],
  ["a label that it has not", { subject: { namespace: "shop", labels: { constructor: "web" } } }, false],
  ["another rule", { rules: [{ id: "SEG-OP-002" }] }, false],
  ["versions from its own on", { rules: [{ id: "SEG-OP-001", from: "1.2.0" }] }, true],
  ["versions below its own", { rules: [{ id: "SEG-OP-001", below: "1.2.0" }] }, false],
  ["versions around its own", { rules: [{ id: "SEG-OP-001", from: "1.0.0", below: "1.10.0" }] }, true],
])("an exemption for %s", (_, fields, permitted) => {
  expect(permits(exemption(fields))).toBe(permitted);
});

test("nothing that stands on the object has a say, whatever it is", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.string()), fc.dictionary(fc.string(), fc.string()), (labels, annotations) => {
      const object = { metadata: { name: "web", labels: { ...labels, "firebreak.dev/exempt": "true" }, annotations } };
      expect(permits(exemption(), [], at(1), {}, { ...pod, object } as never)).toBe(false);
    }),
  );
});

test("several never add up: one that permits one rule and one that permits another leave a third denied; each must permit alone", () => {
  const half = exemption({ rules: [{ id: "SEG-OP-001", from: "2.0.0" }] }, "sha256:1", "half");
  const elsewhere = exemption({ subject: { namespace: "other" } }, "sha256:1", "elsewhere");
  const approvals = [by("bob", "sha256:1", "half"), by("bob", "sha256:1", "elsewhere")];
  expect(exemptionsFor(asked, pod, permitting([half, elsewhere], approvals))).toEqual([]);
  // Approvals of two exemptions are not two approvals of one.
  const [one, two] = ["one", "two"].map((name) => exemption({ expires: at(5).toISOString() }, "sha256:1", name)) as [RecordedExemption, RecordedExemption];
  const split = [by("bob", "sha256:1", "one"), by("carol", "sha256:1", "two")];
  expect(exemptionsFor({ ...asked, severity: "critical" }, pod, permitting([one, two], split))).toEqual([]);
});

test("a broken glass is open for its namespaces, from its making to its end, never longer than the policy", () => {
  const glass = (fields: Partial<RecordedBreakGlass> = {}): RecordedBreakGlass => ({
    name: "g",
    reason: "r",
    requestedBy: "oncall",
    namespaces: [],
    createdAt: created,
    expires: new Date(created.getTime() + 15 * 60_000),
    ...fields,
  });
  const open = (one: RecordedBreakGlass, minutes: number, namespace = "shop") =>
    openBreakGlass(namespace, {
      permissions: { ...noPermissions, breakGlasses: [one] },
      policy: defaultPermissionPolicy,
      now: new Date(created.getTime() + minutes * 60_000),
    }) !== undefined;
  expect([-1, 0, 14, 15, 16].map((minutes) => open(glass(), minutes))).toEqual([false, true, true, false, false]);
  expect(open(glass({ expires: at(30) }), 59)).toBe(true);
  expect(open(glass({ expires: at(30) }), 60)).toBe(false);
  expect(open(glass({ namespaces: ["other"] }), 1)).toBe(false);
  expect(open(glass({ requestedBy: "" }), 1)).toBe(false);
});
