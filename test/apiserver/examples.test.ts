import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import type { Identity } from "../../tools/cluster/identities.ts";
import { eventually } from "../../tools/cluster/process.ts";
import { runFirebreak } from "../cli/run-firebreak.ts";
import { exampleFiles as allExamples, type Example, type ExampleFile, exampleEnclaves, exampleParameters } from "../packs/example.ts";
import { minimalCrds } from "../packs/minimal-crds.ts";
import { pod, rulesIn, type Said, type TestBed, testBed } from "./test-bed.ts";

/**
 * Examples that share a cluster. Those with objects that stand have a cluster of their own in each (the same domain means something else in
 * another one): they are judged by the same core and module in test/packs, and through an API server in boundaries.test.ts. Own kinds are reviewed by
 * no rule here.
 */
const exampleFiles = allExamples.filter(({ example }) => example.standing === undefined && !example.object?.apiVersion?.startsWith("firebreak.dev/"));

/** What the example's author may do by RBAC: everything but the custom verbs of Firebreak. */
const everyGroup = [
  ...new Set([
    "",
    "apps",
    "batch",
    "networking.k8s.io",
    "rbac.authorization.k8s.io",
    ...minimalCrds.map((crd) => (crd as { spec: { group: string } }).spec.group),
  ]),
];
const authors = {
  apiVersion: "v1",
  kind: "List",
  items: [
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "example-authors" },
      rules: [{ apiGroups: everyGroup, resources: ["*"], verbs: ["*"] }],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: "example-authors" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "example-authors" },
      subjects: [{ kind: "Group", apiGroup: "rbac.authorization.k8s.io", name: "acme-developers" }],
    },
  ],
};

const bed = testBed({
  before: async (one) => {
    await one.cluster.apply(list(minimalCrds));
    await one.admin(["wait", "--for=condition=Established", "crd", "--all", "--timeout=30s"]);
    await one.cluster.apply(JSON.stringify(authors));
    await one.cluster.apply(list(exampleFiles.flatMap(namespaceOf)));
    await Promise.all(exampleFiles.map((example) => prepare(one, example)));
  },
  firebreak: {
    configuration: {
      clusterMode: "enforce",
      labels: { enclaves: exampleEnclaves },
      packs: [{ path: "dist/packs/segmentation_baseline.tar.gz", parameters: exampleParameters }],
      resolverConfigurations: ["kube-system/coredns"],
    },
  },
});

/** Examples that a file can say: a removal cannot be applied, and who may change labels is asked for the one who asks. */
const written = exampleFiles.filter(({ example }) => example.operation !== "DELETE" && example.facts?.access === undefined);
const byCommand = new Map<string, Said>();

test("firebreak check --cluster judges all examples", async () => {
  const folder = bed.cluster.path("examples");
  await mkdir(folder);
  for (const one of written) await writeFile(join(folder, `${home(one)}.json`), JSON.stringify(placed(one.example.object, one)));
  const args = ["check", folder, "--cluster", "--as=alice", "--as-group=acme-developers", "--config", bed.cluster.path("firebreak.json"), "-o", "json"];
  const { stdout } = await runFirebreak(args, { kubeconfig: bed.cluster.kubeconfig("admin") });
  const { objects } = JSON.parse(stdout) as { objects: { file: string; results: { ruleId: string; effect: string }[] }[] };
  for (const { file, results } of objects) {
    const ids = (effect: string) => [...new Set(results.filter((result) => result.effect === effect).map(({ ruleId }) => ruleId))].sort();
    expect(ids("undetermined"), file).toEqual([]);
    byCommand.set(basename(file, ".json"), { denied: ids("deny"), warned: ids("warn") });
  }
  expect(byCommand.size).toBe(written.length);
});

test.each(exampleFiles)("$file through the API server, and by the command line the same", async (one: ExampleFile) => {
  const { code, stderr } = await change(bed, one);
  if (written.includes(one)) expect(byCommand.get(home(one))).toEqual(rulesIn(stderr));
  if (one.expected === "denied") {
    expect(code, stderr).not.toBe(0);
    expect(stderr).toContain(one.ruleId);
    return;
  }
  expect(stderr.includes("denied the request"), stderr).toBe(false);
  if (one.expected === "warned") expect(stderr).toContain(`[${one.ruleId}]`);
  else expect(stderr).not.toContain(one.ruleId);
});

test("exec and attach into a pod of an enclave are refused, elsewhere they are not", async () => {
  for (const [place, refused] of [
    ["session-enclave", true],
    ["session-elsewhere", false],
  ] as const) {
    await bed.tenantNamespace(place, { "firebreak.dev/tenant": "acme", ...(refused ? { "firebreak.dev/environment": "enclave" } : {}) });
    await bed.admin(["create", "-n", place, "-f", "-"], JSON.stringify(pod("web")));
    await eventually("a running pod", async () => ((await bed.get("pod", "web", "-n", place))?.status.phase === "Running" ? true : undefined));
    for (const args of [
      ["exec", "web", "-n", place, "--", "sh"],
      ["attach", "web", "-n", place],
    ]) {
      const { stderr } = await bed.kubectl("alice", args);
      // No kubelet answers here: what is let through ends there.
      expect(stderr.includes("[SEG-OP-008]"), stderr).toBe(refused);
    }
  }
});

/** Each example has a namespace of its own, so that none sees what another left. */
function home({ file }: ExampleFile): string {
  return file.replace("/examples/", "-").replace(".yaml", "").replaceAll("_", "-");
}

function list(items: readonly object[]): string {
  return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}

function concernsNamespace({ object, oldObject }: Example): boolean {
  return (object ?? oldObject)?.kind === "Namespace";
}

function namespaceOf(one: ExampleFile): object[] {
  const { namespaceLabels, mode = "enforce" } = one.example;
  const labels = { "firebreak.dev/tenant": "acme", "firebreak.dev/mode": mode, ...namespaceLabels };
  const name = home(one);
  if (concernsNamespace(one.example)) return [];
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } },
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "web", namespace: name } },
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: name } },
  ];
}

/** The object at its place in the test: `shop` becomes the namespace of the example. */
function placed<T extends { metadata?: object } | undefined>(object: T, one: ExampleFile): T {
  if (object === undefined) return object;
  const { namespace, name } = (object.metadata ?? {}) as { namespace?: string; name?: string };
  const metadata = { ...object.metadata, ...(namespace === "shop" ? { namespace: home(one) } : {}), ...(name === "shop" ? { name: home(one) } : {}) };
  return { ...object, metadata };
}

const keptByFirebreak = "firebreak-default-deny";

async function prepare(one: TestBed, file: ExampleFile): Promise<void> {
  const { oldObject } = file.example;
  if (oldObject === undefined || oldObject.metadata?.name === keptByFirebreak) return;
  await one.cluster.apply(JSON.stringify(placed(oldObject, file)));
}

async function change(one: TestBed, file: ExampleFile) {
  const { operation, subResource, object, oldObject, facts } = file.example;
  const identity: Identity = facts?.access?.changeLabels ? "platform" : "alice";
  const place = home(file);
  if (operation === "CREATE") return one.create(identity, placed(object, file) as object);
  const { kind = "", apiVersion = "", metadata } = placed(oldObject, file) as NonNullable<Example["oldObject"]>;
  const target = [`${kind}.${apiVersion.includes("/") ? apiVersion.split("/").reverse().join(".") : `${apiVersion}.`}`, metadata?.name ?? ""];
  const where = metadata?.namespace === undefined ? [] : ["-n", metadata.namespace];
  if (operation === "DELETE") {
    await awaitDefaultDeny(one, file, place);
    return one.kubectl(identity, ["delete", ...target, ...where]);
  }
  if (subResource !== undefined) return replaceRaw(one, identity, `/api/v1/namespaces/${place}/pods/${metadata?.name}/${subResource}`, placed(object, file));
  const patch = JSON.stringify(mergePatch(placed(oldObject, file), placed(object, file)));
  return one.kubectl(identity, ["patch", ...target, ...where, "--type=merge", "-p", patch]);
}

/** Where an example says that pods run or that a default deny stands, they are made to. */
async function awaitDefaultDeny(one: TestBed, { example }: ExampleFile, place: string): Promise<void> {
  if ((example.facts?.livePods ?? 0) > 0) await one.admin(["create", "-n", place, "-f", "-"], JSON.stringify(pod("live")));
  if (example.mode === "observe") return;
  await eventually("the default deny", () => one.get("networkpolicy", keptByFirebreak, "-n", place));
}

async function replaceRaw(one: TestBed, identity: Identity, path: string, object: unknown) {
  const file = one.cluster.path("raw.json");
  await writeFile(file, JSON.stringify(object));
  return one.kubectl(identity, ["replace", "--raw", path, "-f", file]);
}

/** The JSON Merge Patch (RFC 7386) that makes one object of the other. */
function mergePatch(before: unknown, after: unknown): unknown {
  if (!isRecord(before) || !isRecord(after)) return after;
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...keys].filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
  return Object.fromEntries(changed.map((key) => [key, key in after ? mergePatch(before[key], after[key]) : null]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
