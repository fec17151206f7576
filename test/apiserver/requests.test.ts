import { expect, test } from "vitest";
import { eventually } from "../../tools/cluster/process.ts";
import { netAdmin, pod, policy, type Stored, testBed, workload } from "./test-bed.ts";

const bed = testBed({ firebreak: { configuration: { landmarkMillis: 1000 } } });

const tenant = "firebreak.dev/tenant";
const app = "firebreak.dev/app";
const kinds = ["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"] as const;

function templateOf(object: Stored | undefined, kind: string): { metadata: { labels: Record<string, string> } } {
  return kind === "CronJob" ? object?.spec.jobTemplate.spec.template : object?.spec.template;
}

test("workloads and the pods they make carry the labels of their namespace and application", async () => {
  await bed.tenantNamespace("stamped", { [tenant]: "acme", "firebreak.dev/environment": "prod" });
  for (const kind of kinds) {
    const name = kind.toLowerCase();
    const { code, stderr } = await bed.create("alice", workload(kind, name), "-n", "stamped");
    expect(code, stderr).toBe(0);
    const stored = await bed.get(kind, name, "-n", "stamped");
    expect(templateOf(stored, kind).metadata.labels).toMatchObject({ [tenant]: "acme", "firebreak.dev/environment": "prod", [app]: name });
  }
  const pods = await eventually("a pod of each", async () => {
    const found = await bed.list("pods", "-n", "stamped");
    return found.length >= 4 ? found : undefined;
  });
  for (const { metadata } of pods) expect(metadata.labels).toMatchObject({ [tenant]: "acme" });
});

test("a bare pod gets its tenant and no application; a CronJob's pod is named after the CronJob", async () => {
  await bed.tenantNamespace("owners");
  await bed.create("alice", pod("bare"), "-n", "owners");
  const bare = await bed.get("pod", "bare", "-n", "owners");
  expect(bare?.metadata.labels).toMatchObject({ [tenant]: "acme" });
  expect(bare?.metadata.labels).not.toHaveProperty(app);
  await bed.create("alice", workload("CronJob", "nightly"), "-n", "owners");
  await bed.kubectl("alice", ["create", "job", "nightly-1", "--from=cronjob/nightly", "-n", "owners"]);
  const [made] = await eventually("the pod of the Job", async () => {
    const found = await bed.list("pods", "-n", "owners", "-l", "job-name=nightly-1");
    return found.length > 0 ? found : undefined;
  });
  expect(made?.metadata.labels?.[app]).toBe("nightly");
});

test("a violation in a template is refused on the workload, by whatever verb it comes", async () => {
  await bed.tenantNamespace("verbs");
  for (const kind of [...kinds, "ReplicaSet"] as const) {
    const { stderr } = await bed.create("alice", workload(kind, "bad", { spec: netAdmin }), "-n", "verbs");
    expect(stderr, kind).toContain("[SEG-OP-003] spec.");
  }
  await bed.create("alice", workload("Deployment", "good"), "-n", "verbs");
  const template = { spec: { template: { spec: netAdmin } } };
  const patches = [
    ["--type=strategic", JSON.stringify(template)],
    ["--type=merge", JSON.stringify(template)],
    ["--type=json", JSON.stringify([{ op: "replace", path: "/spec/template/spec/containers", value: netAdmin.containers }])],
  ] as const;
  for (const [type, patch] of patches) {
    const { stderr } = await bed.kubectl("alice", ["patch", "deployment", "good", "-n", "verbs", type, "-p", patch]);
    expect(stderr, type).toContain("[SEG-OP-003]");
  }
  const applied = JSON.stringify(workload("Deployment", "good", { spec: netAdmin }));
  for (const flags of [["--server-side", "--force-conflicts"], ["--server-side", "--force-conflicts", "--field-manager=other"], []]) {
    const { stderr } = await bed.kubectl("alice", ["apply", "-n", "verbs", "-f", "-", ...flags], applied);
    expect(stderr, flags.join()).toContain("[SEG-OP-003]");
  }
  const replaced = await bed.kubectl("alice", ["replace", "-n", "verbs", "-f", "-"], applied);
  expect(replaced.stderr).toContain("[SEG-OP-003]");
});

test("generateName is refused like a name", async () => {
  await bed.tenantNamespace("generated");
  const { stderr } = await bed.create("alice", pod("", { metadata: { name: undefined, generateName: "bad-" }, spec: netAdmin }), "-n", "generated");
  expect(stderr).toContain("[SEG-OP-003]");
  const good = await bed.create("alice", pod("", { metadata: { name: undefined, generateName: "good-" } }), "-n", "generated");
  expect(good.code, good.stderr).toBe(0);
});

test("a dry run is judged, writes nothing and says what it left out", async () => {
  await bed.tenantNamespace("dry");
  await eventually("the controller's default deny", () => bed.get("networkpolicy", "firebreak-default-deny", "-n", "dry"));
  await bed.admin(["delete", "networkpolicy", "firebreak-default-deny", "-n", "dry"]);
  const good = await bed.create("alice", pod("p"), "-n", "dry", "--dry-run=server", "-o", "json");
  expect(good.code, good.stderr).toBe(0);
  expect(JSON.parse(good.stdout).metadata.labels).toMatchObject({ [tenant]: "acme" });
  const bad = await bed.create("alice", pod("p", { spec: netAdmin }), "-n", "dry", "--dry-run=server");
  expect(bad.stderr).toContain("[SEG-OP-003]");
  expect(await bed.get("pod", "p", "-n", "dry")).toBeUndefined();
});

test("unknown fields and users' own labels survive", async () => {
  await bed.tenantNamespace("survive");
  const object = pod("p", { labels: { constructor: "toString", mine: "kept" } });
  await bed.create("alice", object, "-n", "survive");
  expect((await bed.get("pod", "p", "-n", "survive"))?.metadata.labels).toMatchObject({ constructor: "toString", mine: "kept", [tenant]: "acme" });
});

test("labels cannot be changed through any subresource", async () => {
  await bed.tenantNamespace("sub");
  await bed.create("alice", pod("p", { labels: { "stand-in/hold": "1" } }), "-n", "sub");
  await eventually("a running pod", async () => ((await bed.get("pod", "p", "-n", "sub"))?.status.phase === "Running" ? true : undefined));
  const relabel = JSON.stringify({ metadata: { labels: { [tenant]: "globex" } } });
  for (const flags of [[], ["--subresource=status"]]) {
    const { stderr } = await bed.kubectl("alice", ["patch", "pod", "p", "-n", "sub", "--type=merge", "-p", relabel, ...flags]);
    expect(stderr, flags.join()).toContain("[SEG-ID-003]");
  }
  for (const flags of [[], ["--subresource=status"]]) {
    const { stderr } = await bed.kubectl("alice", ["patch", "namespace", "sub", "--type=merge", "-p", relabel, ...flags]);
    expect(stderr, flags.join()).toContain("[SEG-ID-004]");
  }
  const namespace = await bed.get("namespace", "sub");
  const finalize = { ...namespace, metadata: { ...namespace?.metadata, labels: { ...namespace?.metadata.labels, [tenant]: "globex" } } };
  const finalized = await bed.kubectl("alice", ["replace", "--raw", "/api/v1/namespaces/sub/finalize", "-f", "-"], JSON.stringify(finalize));
  expect(finalized.stderr).toContain("[SEG-ID-004]");
  const binding = { apiVersion: "v1", kind: "Binding", metadata: { name: "p", labels: { [tenant]: "globex" } }, target: { kind: "Node", name: "stand-in" } };
  for (const path of ["pods/p/binding", "bindings"]) {
    const { stderr } = await bed.kubectl("alice", ["create", "--raw", `/api/v1/namespaces/sub/${path}`, "-f", "-"], JSON.stringify(binding));
    expect(stderr, path).toContain("SEG-ID-003");
  }
  expect((await bed.get("pod", "p", "-n", "sub"))?.metadata.labels?.[tenant]).toBe("acme");
});

test("an ephemeral container is judged", async () => {
  await bed.tenantNamespace("ephemeral");
  await bed.create("alice", pod("p", { labels: { "stand-in/hold": "1" } }), "-n", "ephemeral");
  const patch = JSON.stringify({
    spec: { ephemeralContainers: [{ name: "debug", image: "registry.example/d:1", securityContext: { capabilities: { add: ["net_raw"] } } }] },
  });
  const { stderr } = await bed.kubectl("alice", ["patch", "pod", "p", "-n", "ephemeral", "--subresource=ephemeralcontainers", "--type=strategic", "-p", patch]);
  expect(stderr).toContain("[SEG-OP-003] spec.ephemeralContainers[0]");
});

test("only those with the custom verb change segmentation labels and modes, and claim them at birth", async () => {
  await bed.tenantNamespace("verbs-of-ours");
  const born = await bed.create("probe", { apiVersion: "v1", kind: "Namespace", metadata: { name: "claimed", labels: { [tenant]: "acme" } } });
  expect(born.stderr).toContain("[SEG-ID-004]");
  const excluded = await bed.create("probe", { apiVersion: "v1", kind: "Namespace", metadata: { name: "karpenter", labels: { [tenant]: "acme" } } });
  expect(excluded.stderr, "an excluded name is no way around").toContain("[SEG-ID-004]");
  const generated = await bed.create("probe", { apiVersion: "v1", kind: "Namespace", metadata: { generateName: "claimed-", labels: { [tenant]: "acme" } } });
  expect(generated.stderr).toContain("[SEG-ID-004]");
  const mode = await bed.kubectl("alice", ["label", "namespace", "verbs-of-ours", "firebreak.dev/mode=observe", "--overwrite"]);
  expect(mode.stderr).toContain("namespacemodes");
  const allowed = await bed.kubectl("platform", ["label", "namespace", "verbs-of-ours", "firebreak.dev/environment=prod"]);
  expect(allowed.code, allowed.stderr).toBe(0);
  const free = await bed.kubectl("probe", ["label", "namespace", "verbs-of-ours", "colour=blue"]);
  expect(free.code, free.stderr).toBe(0);
});

test("observe warns and writes nothing; stage stamps and previews; enforce holds; going back takes our policy away", async () => {
  await bed.tenantNamespace("modes", { [tenant]: "acme", "firebreak.dev/mode": "observe" });
  const observed = await bed.create("alice", pod("one", { spec: netAdmin }), "-n", "modes");
  expect(observed.code, observed.stderr).toBe(0);
  expect(observed.stderr).toContain("Warning: [SEG-OP-003]");
  expect((await bed.get("pod", "one", "-n", "modes"))?.metadata.labels).not.toHaveProperty(tenant);
  const claims = await bed.create("alice", pod("claims", { labels: { [tenant]: "globex" } }), "-n", "modes");
  expect(claims.stderr, "Mandatory rules hold in every mode").toContain("denied the request: [SEG-ID-003]");
  await bed.tenantNamespace("staged", { [tenant]: "acme", "firebreak.dev/mode": "stage" });
  const staged = await bed.create("alice", pod("two"), "-n", "staged");
  expect(staged.stderr).toContain("in enforce, firebreak-default-deny would isolate staged");
  expect((await bed.get("pod", "two", "-n", "staged"))?.metadata.labels).toMatchObject({ [tenant]: "acme" });
  expect(await bed.list("networkpolicies", "-n", "staged")).toEqual([]);
  await bed.kubectl("platform", ["label", "namespace", "staged", "firebreak.dev/mode=enforce", "--overwrite"]);
  await eventually("the default deny", () => bed.get("networkpolicy", "firebreak-default-deny", "-n", "staged"));
  await bed.kubectl("platform", ["label", "namespace", "staged", "firebreak.dev/mode=observe", "--overwrite"]);
  await eventually("its end", async () => ((await bed.get("networkpolicy", "firebreak-default-deny", "-n", "staged")) === undefined ? true : undefined));
});

test("the ratchet: what stood before is warned about, what the change adds is refused", async () => {
  await bed.tenantNamespace("ratchet", { [tenant]: "acme", "firebreak.dev/mode": "observe" });
  const open = { podSelector: {}, policyTypes: ["Ingress"], ingress: [{}] };
  await bed.create("alice", policy("old", open), "-n", "ratchet");
  await bed.kubectl("platform", ["label", "namespace", "ratchet", "firebreak.dev/mode=enforce", "--overwrite"]);
  const narrow = { from: [{ podSelector: {} }], ports: [{ port: 80 }] };
  const patch = (ingress: object[]) =>
    bed.kubectl("alice", ["patch", "networkpolicy", "old", "-n", "ratchet", "--type=merge", "-p", JSON.stringify({ spec: { ingress } })]);
  await eventually("the mode to be known", async () =>
    (await bed.create("alice", policy("new", open), "-n", "ratchet")).stderr.includes("denied") ? true : undefined,
  );
  const kept = await patch([narrow, {}]);
  expect(kept.code, kept.stderr).toBe(0);
  expect(kept.stderr).toContain("Warning: [SEG-SL-001] already there:");
  expect((await patch([narrow, {}, {}])).stderr).toContain("denied the request: [SEG-SL-001]");
  const annotated = await bed.kubectl("alice", ["annotate", "networkpolicy", "old", "-n", "ratchet", "a=b"]);
  expect(annotated.stderr).toBe("");
});

test("reserved names are ours, an identical restore passes, an edit behind our back is put right", async () => {
  await bed.tenantNamespace("reserved");
  const ours = await eventually<Stored>("the default deny", () => bed.get("networkpolicy", "firebreak-default-deny", "-n", "reserved"));
  const opened = await bed.kubectl("alice", [
    "patch",
    "networkpolicy",
    "firebreak-default-deny",
    "-n",
    "reserved",
    "--type=merge",
    "-p",
    JSON.stringify({ spec: { ingress: [{}] } }),
  ]);
  expect(opened.stderr).toContain("[SEG-DD-005]");
  const planted = await bed.create("alice", policy("firebreak-apiserver-ingress-x", { podSelector: {} }), "-n", "reserved");
  expect(planted.stderr).toContain("[SEG-DD-005]");
  const generated = await bed.create(
    "alice",
    { ...policy("", { podSelector: {} }), metadata: { generateName: "firebreak-apiserver-ingress-" } },
    "-n",
    "reserved",
  );
  expect(generated.stderr).toContain("[SEG-DD-005]");
  const restored = await bed.kubectl("admin", ["apply", "-n", "reserved", "-f", "-"], JSON.stringify({ ...policy("firebreak-default-deny", ours.spec) }));
  expect(restored.code, restored.stderr).toBe(0);
  const removed = await bed.kubectl("alice", ["delete", "networkpolicy", "firebreak-default-deny", "-n", "reserved"]);
  expect(removed.code, removed.stderr).toBe(0);
  await eventually("its return", async () => {
    const found = await bed.get("networkpolicy", "firebreak-default-deny", "-n", "reserved");
    return found !== undefined && found.metadata.uid !== ours.metadata.uid ? true : undefined;
  });
});

test("a user's own default deny may be removed, with a warning", async () => {
  await bed.tenantNamespace("own");
  await eventually("the default deny", () => bed.get("networkpolicy", "firebreak-default-deny", "-n", "own"));
  await bed.create("alice", policy("mine", { podSelector: {}, policyTypes: ["Ingress"] }), "-n", "own");
  const { code, stderr } = await bed.kubectl("alice", ["delete", "networkpolicy", "mine", "-n", "own"]);
  expect(code, stderr).toBe(0);
  expect(stderr).toContain("firebreak-default-deny still does");
});

test("an IsolationProfile opens what it says, and tells in how many namespaces", async () => {
  const spec = {
    priority: 5,
    namespaceSelector: { matchLabels: { profile: "open" } },
    allowances: { dns: true, apiServer: true, sameNamespace: true, metricsFrom: ["monitoring"] },
  };
  await bed.admin(["apply", "-f", "-"], JSON.stringify({ apiVersion: "firebreak.dev/v1alpha1", kind: "IsolationProfile", metadata: { name: "open" }, spec }));
  await bed.admin(
    ["apply", "-n", "kube-system", "-f", "-"],
    JSON.stringify({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "kube-dns" },
      spec: { selector: { "k8s-app": "kube-dns" }, ports: [{ name: "dns", port: 53, protocol: "UDP", targetPort: 5353 }] },
    }),
  );
  await bed.tenantNamespace("profiled", { [tenant]: "acme", profile: "open" });
  const found = await eventually("the allowances", async () => {
    const stored = await bed.get("networkpolicy", "firebreak-default-deny", "-n", "profiled");
    return stored?.spec.egress?.length === 3 ? stored : undefined;
  });
  expect(JSON.stringify(found.spec.egress)).toContain("192.0.2.1/32");
  expect(found.spec.ingress).toHaveLength(2);
  await eventually("the profile's status", async () => {
    const profile = await bed.get("isolationprofile", "open");
    const conditions = Object.fromEntries((profile?.status?.conditions ?? []).map(({ type, status }: { type: string; status: string }) => [type, status]));
    return profile?.status?.namespaces === 1 && conditions.Stored === "True" && conditions.Enforced === "Unknown" ? true : undefined;
  });
});

test("webhooks that live in an isolated namespace stay reachable for the API server, on exactly their pods and ports", async () => {
  await bed.tenantNamespace("hooks");
  const service = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "hook" },
    spec: {
      selector: { app: "hook" },
      ports: [
        { name: "https", port: 443, targetPort: 9443 },
        { name: "http", port: 80, targetPort: 8080 },
      ],
    },
  };
  await bed.admin(["apply", "-n", "hooks", "-f", "-"], JSON.stringify(service));
  const webhook = {
    name: "hook.example.com",
    clientConfig: { service: { name: "hook", namespace: "hooks" } },
    failurePolicy: "Ignore",
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
    rules: [{ apiGroups: ["example.com"], apiVersions: ["v1"], resources: ["things"], operations: ["CREATE"] }],
  };
  await bed.admin(
    ["apply", "-f", "-"],
    JSON.stringify({ apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingWebhookConfiguration", metadata: { name: "hook" }, webhooks: [webhook] }),
  );
  const opening = await eventually<Stored>("the opening", () => bed.get("networkpolicy", "firebreak-apiserver-ingress-hook", "-n", "hooks"));
  expect(opening.spec).toEqual({
    podSelector: { matchLabels: { app: "hook" } },
    policyTypes: ["Ingress"],
    ingress: [{ ports: [{ protocol: "TCP", port: 9443 }] }],
  });
  await bed.admin(["delete", "validatingwebhookconfiguration", "hook"]);
  await eventually("its end", async () =>
    (await bed.get("networkpolicy", "firebreak-apiserver-ingress-hook", "-n", "hooks")) === undefined ? true : undefined,
  );
});

test("the answer's decision id and rules stand in the API server's audit log", async () => {
  await bed.tenantNamespace("audited");
  const { stderr } = await bed.create("alice", pod("p", { spec: { hostNetwork: true } }), "-n", "audited");
  const id = /decision ([0-9A-Z]{26})/.exec(stderr)?.[1] ?? "no id";
  const { readFile } = await import("node:fs/promises");
  await eventually("the audit event", async () => {
    const line = (await readFile(bed.cluster.path("audit.log"), "utf8")).split("\n").find((text) => text.includes(id));
    return line?.includes('"enforce.validate.firebreak.dev/deny":"SEG-OP-001"') ? true : undefined;
  });
  const record = (await bed.firebreak.lines()).find(({ decisionId }) => decisionId === id);
  expect(record).toMatchObject({ decision: { allowed: false, code: 403 }, actor: { username: "alice" }, enforcement: "enforce" });
});

test("a service account of a GitOps tool meets the same rules", async () => {
  await bed.cluster.addServiceAccount("gitops", "gitops", "deployer");
  await bed.tenantNamespace("synced");
  const apply = (object: object) => bed.kubectl("gitops", ["apply", "--server-side", "-n", "synced", "-f", "-"], JSON.stringify(object));
  expect((await apply(workload("Deployment", "web"))).code).toBe(0);
  expect((await apply(workload("Deployment", "web"))).code, "a second sync changes nothing").toBe(0);
  expect((await apply(workload("Deployment", "bad", { spec: netAdmin }))).stderr).toContain("[SEG-OP-003]");
  const web = await bed.get("deployment", "web", "-n", "synced");
  expect(web?.metadata.generation).toBe(1);
});

test("every spelling of the world is refused by the API server's own understanding of it", async () => {
  await bed.tenantNamespace("spellings");
  const spellings = [
    ["0.0.0.0/0"],
    ["000.000.000.000/0"],
    ["::ffff:0.0.0.0/96"],
    ["64:ff9b::/96"],
    ["::/0"],
    ["2000::/3"],
    ["0.0.0.0/1", "128.0.0.0/1"],
    ["8.0.0.0/9", "9.0.0.0/9"],
    ["8.8.8.8/0"],
  ];
  for (const cidrs of spellings) {
    const spec = { podSelector: {}, policyTypes: ["Egress"], egress: cidrs.map((cidr) => ({ to: [{ ipBlock: { cidr } }], ports: [{ port: 443 }] })) };
    const { code, stderr } = await bed.create("alice", policy("world", spec), "-n", "spellings");
    expect(code, cidrs.join()).not.toBe(0);
    expect(stderr, cidrs.join()).toMatch(/SEG-EG-001|is invalid/);
  }
});
