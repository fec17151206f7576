import { expect, test } from "vitest";
import type { Attributes } from "../model/attributes.ts";
import { FirebreakError } from "../model/errors.ts";
import { defaultPermissionPolicy, noPermissions } from "../model/exemption.ts";
import type { Facts } from "../model/facts.ts";
import { defaultLabelKeys } from "../model/segmentation-labels.ts";
import { Admission, type AdmissionPorts } from "./admission.ts";
import { allowedBy } from "./allow-entries.ts";
import { enforce } from "./enforce.ts";
import { denialMessage, warnings } from "./message.ts";
import type { AllowEntry, Finding } from "./ports.ts";
import { isHousekeeping, skipReason } from "./scope.ts";

const namespace = { name: "shop", labels: { "firebreak.dev/tenant": "acme" }, terminating: false, mode: "enforce" } as const;

function attributes(fields: Partial<Attributes> = {}): Attributes {
  return {
    uid: "u",
    phase: "validating",
    operation: "CREATE",
    kind: { group: "", version: "v1", kind: "Pod" },
    resource: { group: "", version: "v1", resource: "pods" },
    subResource: "",
    namespace: "shop",
    name: "web",
    user: { username: "alice", groups: [], extra: {} },
    dryRun: false,
    object: { metadata: {} },
    ...fields,
  };
}

function admission(facts: Facts, ports: Partial<AdmissionPorts> = {}) {
  return new Admission(
    {
      scheme: { keys: defaultLabelKeys, sources: { tenant: ["team"] }, enclaves: {} },
      excludedNamespaces: new Set(["kube-system"]),
      installedAt: new Date("2026-01-01T00:00:00Z"),
      clusterMode: "observe",
      resolverConfigurations: [],
    },
    {
      facts: { factsFor: async () => facts },
      guardrails: { judge: async () => ({ findings: [], evaluated: [], evaluationMicros: 1 }) },
      defaultDeny: { ensureStored: async () => {} },
      clock: { now: () => new Date(0), micros: () => 0 },
      newId: () => "id",
      ...ports,
    },
  );
}

const decide = (one: Admission, of: Attributes, failurePolicy: "Fail" | "Ignore" = "Fail") =>
  one.decide({ attributes: of, review: new Uint8Array(), deadline: 0, failurePolicy });

function finding(fields: Partial<Finding> = {}, details: object = {}): Finding {
  return {
    violation: { ruleId: "SEG-OP-003", message: "m", path: "p", fix: "f", details: details as never },
    title: "t",
    severity: "high",
    tier: "Standard",
    action: "deny",
    controls: [],
    restsOn: [],
    preExisting: false,
    allow: [],
    pack: "x@1",
    packDigest: "d",
    rulePack: "x",
    binding: "all",
    stage: "enforce",
    priority: 0,
    ...fields,
  };
}

test("a pod of an enforced namespace is admitted only once its default deny is stored", async () => {
  const stored: string[] = [];
  const one = admission({ namespace }, { defaultDeny: { ensureStored: async (name) => void stored.push(name) } });
  expect((await decide(one, attributes())).outcome).toBe("allowed");
  expect(stored).toEqual(["shop"]);
});

test("where it cannot be stored, the pod is not decided", async () => {
  const ensureStored = () => Promise.reject(new FirebreakError("FBR_DEFAULT_DENY_NOT_STORED", "x"));
  expect(await decide(admission({ namespace }, { defaultDeny: { ensureStored } }), attributes())).toMatchObject({ outcome: "undecided", code: 503 });
});

test("a refused pod leaves nothing behind, a dry run neither", async () => {
  const stored: string[] = [];
  const defaultDeny = { ensureStored: async (name: string) => void stored.push(name) };
  const refusing = admission(
    { namespace },
    { defaultDeny, guardrails: { judge: async () => ({ findings: [finding()], evaluated: [], evaluationMicros: 1 }) } },
  );
  expect((await decide(refusing, attributes())).outcome).toBe("refused");
  const dry = await decide(admission({ namespace }, { defaultDeny }), attributes({ dryRun: true }));
  expect(dry.notices).toEqual([expect.stringContaining("dry run")]);
  expect(stored).toEqual([]);
});

test("a declared source key of the namespace is handed down under the protected key", async () => {
  const decision = await decide(admission({ namespace: { ...namespace, labels: { team: "pay" } } }), attributes({ phase: "mutating" }));
  expect(decision.patch.at(-1)).toEqual({ op: "add", path: "/metadata/labels/firebreak.dev~1tenant", value: "pay" });
});

test("nothing is patched where a namespace is observed", async () => {
  expect((await decide(admission({ namespace: { ...namespace, mode: "observe" } }), attributes({ phase: "mutating" }))).patch).toEqual([]);
});

test.each([
  ["a new namespace with a tenant gets its mode", { labels: { "firebreak.dev/tenant": "a" } }, 1],
  ["one without a tenant gets none", { labels: {} }, 0],
  ["one that is older than the installation gets none", { labels: { "firebreak.dev/tenant": "a" }, creationTimestamp: "2025-01-01T00:00:00Z" }, 0],
  ["one that says its mode keeps it", { labels: { "firebreak.dev/tenant": "a", "firebreak.dev/mode": "stage" } }, 0],
])("%s", async (_, metadata, patches) => {
  const of = attributes({
    phase: "mutating",
    kind: { group: "", version: "v1", kind: "Namespace" },
    resource: { group: "", version: "v1", resource: "namespaces" },
    object: { metadata },
  });
  expect((await decide(admission({}), of)).patch).toHaveLength(patches);
});

test("excluded namespaces and listed subresources are skipped, unknown ones are judged", () => {
  const excluded = { excludedNamespaces: new Set(["kube-system"]), resolverConfigurations: ["kube-system/coredns"] };
  expect(skipReason(attributes({ namespace: "kube-system" }), excluded)).toContain("excluded");
  const resolver = attributes({ namespace: "kube-system", name: "coredns", kind: { group: "", version: "v1", kind: "ConfigMap" } });
  expect(skipReason(resolver, excluded)).toBeUndefined();
  expect(skipReason(attributes({ operation: "DELETE" }), excluded)).toContain("never blocked");
  expect(skipReason(attributes({ subResource: "resize" }), excluded)).toContain("KEP-1287");
  expect(skipReason(attributes({ subResource: "whatever-comes-next" }), excluded)).toBeUndefined();
});

test("finalizers, owner references and annotations are housekeeping; a label or a spec is not", () => {
  const object = (metadata: object, spec = {}) => ({ metadata: { name: "x", ...metadata }, spec });
  const update = (after: object, before: object) => isHousekeeping(attributes({ operation: "UPDATE", object: after, oldObject: before }));
  expect(update(object({ finalizers: [], annotations: { a: "b" }, resourceVersion: "2" }), object({ finalizers: ["x"], resourceVersion: "1" }))).toBe(true);
  expect(update(object({ labels: { a: "b" } }), object({}))).toBe(false);
  expect(update(object({}, { a: 1 }), object({}))).toBe(false);
});

test("the annotations of a Service are no housekeeping: they make a load balancer internal", () => {
  const kind = { group: "", version: "v1", kind: "Service" };
  const update = (after: object, before: object) =>
    isHousekeeping(attributes({ operation: "UPDATE", kind, object: { metadata: after }, oldObject: { metadata: before } }));
  expect(update({ annotations: {} }, { annotations: { internal: "true" } })).toBe(false);
  expect(update({ finalizers: ["a"] }, {})).toBe(true);
});

test("the ratchet, the mode and the tier decide what a denial becomes", () => {
  const effect = (fields: Partial<Finding>, mode: "enforce" | "observe" | "stage") =>
    enforce([finding(fields)], {
      attributes: attributes(),
      mode,
      permitting: { permissions: noPermissions, policy: defaultPermissionPolicy, now: new Date(0) },
    })[0]?.effect;
  expect(effect({}, "enforce")).toBe("deny");
  expect(effect({}, "observe")).toBe("warn");
  expect(effect({}, "stage")).toBe("warn");
  expect(effect({ tier: "Mandatory" }, "observe")).toBe("deny");
  expect(effect({ preExisting: true }, "enforce")).toBe("warn");
  expect(effect({ action: "warn", tier: "Mandatory" }, "enforce")).toBe("warn");
});

test("a finding that rests on a missing fact is undetermined, unless an entry permits it", () => {
  const judge = (fields: Partial<Finding>) =>
    enforce([finding(fields)], {
      attributes: attributes(),
      mode: "enforce",
      missing: ["namespace"],
      permitting: { permissions: noPermissions, policy: defaultPermissionPolicy, now: new Date(0) },
    })[0];
  expect(judge({ restsOn: ["namespace", "user"] })).toMatchObject({ effect: "undetermined", missing: ["namespace"] });
  expect(judge({ restsOn: ["user"] })?.effect).toBe("deny");
  expect(judge({ restsOn: ["namespace"], allow: [{ namespace: attributes().namespace, reason: "r" }] })?.effect).toBe("exempted");
});

test("the gravest finding comes first", () => {
  const results = enforce([finding({ severity: "low" }), finding({ severity: "critical" }), finding({ tier: "Mandatory", severity: "low" })], {
    attributes: attributes(),
    mode: "enforce",
    permitting: { permissions: noPermissions, policy: defaultPermissionPolicy, now: new Date(0) },
  });
  expect(results.map(({ tier, severity }) => `${tier} ${severity}`)).toEqual(["Mandatory low", "Standard critical", "Standard low"]);
});

test.each([
  ["namespace", { namespace: "shop" }, true],
  ["another namespace", { namespace: "other" }, false],
  ["image prefix", { imagePrefix: "registry/mesh" }, true],
  ["an image that only begins alike", { imagePrefix: "registry/me" }, false],
  ["image and container", { imagePrefix: "registry/mesh", container: "other" }, false],
  ["exact capabilities", { namespace: "shop", capabilities: ["NET_RAW", "NET_ADMIN"] }, true],
  ["fewer capabilities than were added", { namespace: "shop", capabilities: ["NET_ADMIN"] }, false],
  ["the controller that made it", { owner: { kind: "DaemonSet", name: "agent" } }, true],
  ["the service account", { serviceAccount: "agent" }, true],
  ["an entry that narrows nothing", { container: "init" }, false],
  ["an expired entry", { namespace: "shop", expires: "1969-12-31T23:59:59Z" }, false],
])("params.allow: %s", (_, entry, permitted) => {
  const owner = { apiVersion: "apps/v1", kind: "DaemonSet", name: "agent", uid: "u", controller: true };
  const of = attributes({ object: { metadata: { ownerReferences: [owner], labels: { allow: "me" } }, spec: { serviceAccountName: "agent" } } as never });
  const found = finding(
    { allow: [{ reason: "r", ...entry } as AllowEntry] },
    { image: "registry/mesh:1", container: "init", capabilities: ["NET_ADMIN", "NET_RAW"] },
  );
  expect(allowedBy(found, of, new Date(0)) !== undefined).toBe(permitted);
});

test("a message names every rule that refuses before it names one twice", async () => {
  const of = (ruleId: string, severity: "critical" | "high") => finding({ severity, violation: { ruleId, message: "m", path: "p", fix: "f", details: {} } });
  const findings = [...Array.from({ length: 9 }, () => of("SEG-AA-001", "critical")), of("SEG-BB-001", "high")];
  const refused = await decide(
    admission({ namespace }, { guardrails: { judge: async () => ({ findings, evaluated: [], evaluationMicros: 1 }) } }),
    attributes(),
  );
  const lines = denialMessage(refused).split("\n");
  expect(lines[0]).toContain("[SEG-AA-001] p: f (decision id)");
  expect(lines[2]).toContain("SEG-BB-001");
  expect(lines.at(-1)).toBe("and 5 more: firebreak explain id");
});

test("one warning for a rule and an object, at most 120 characters, none when nothing is wrong", async () => {
  const warn = finding({ action: "warn", violation: { ruleId: "SEG-SL-003", message: "x".repeat(300), path: "p", fix: "f", details: {} } });
  const warned = await decide(
    admission({ namespace, defaultDenyStored: true }, { guardrails: { judge: async () => ({ findings: [warn, warn], evaluated: [], evaluationMicros: 1 }) } }),
    attributes(),
  );
  expect(warnings(warned)).toHaveLength(1);
  expect(warnings(warned)[0]?.length).toBe(120);
  expect(warnings(await decide(admission({ namespace }), attributes()))).toEqual([]);
});
