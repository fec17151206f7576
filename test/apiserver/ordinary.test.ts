import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { minimalCrds } from "../packs/minimal-crds.ts";
import { rulesIn, type Said, testBed } from "./test-bed.ts";

/**
 * What ordinary charts render, through the real API server: in a namespace that is enforced, and in one as a stranger's
 * cluster has them. `golden.md` is the table of what becomes of each object; FIREBREAK_UPDATE_GOLDEN=1 writes it anew.
 */
const folder = join(import.meta.dirname, "..", "packs", "ordinary");
const goldenFile = join(folder, "golden.md");
const charts = readdirSync(folder)
  .filter((file) => file.endsWith(".yaml") && file !== "defences.yaml")
  .map((file) => ({ chart: basename(file, ".yaml"), objects: objectsOf(file) }));
const defences = parse(readFileSync(join(folder, "defences.yaml"), "utf8")) as Record<string, string>;

interface OrdinaryObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Record<string, string> };
}

function objectsOf(file: string): OrdinaryObject[] {
  return parseAllDocuments(readFileSync(join(folder, file), "utf8")).map((document) => document.toJS() as OrdinaryObject);
}

const bed = testBed({
  before: async (one) => {
    await one.cluster.apply(JSON.stringify({ apiVersion: "v1", kind: "List", items: minimalCrds }));
    await one.admin(["wait", "--for=condition=Established", "crd", "--all", "--timeout=30s"]);
  },
  firebreak: { configuration: { clusterMode: "enforce" } },
});

interface Row extends Said {
  readonly chart: string;
  readonly object: string;
}

async function review(namespace: string, chart: string, object: OrdinaryObject): Promise<Row> {
  // Some are written by a controller, in the name of its service account.
  const user = object.metadata.annotations?.["test/user"];
  const flags = ["-n", namespace, "--dry-run=server", ...(user === undefined ? [] : [`--as=${user}`])];
  const { code, stderr } = await bed.create("admin", object, ...flags);
  const refused = stderr.includes("denied the request");
  expect(code === 0 || refused, stderr).toBe(true);
  return { chart, object: `${object.kind}/${object.metadata.name}`, ...rulesIn(stderr) };
}

async function reviewAll(namespace: string): Promise<Row[]> {
  await bed.admin([
    "create",
    "clusterrolebinding",
    `all-${namespace}`,
    "--clusterrole=cluster-admin",
    "--user=system:serviceaccount:cert-manager:cert-manager",
  ]);
  const rows: Row[] = [];
  for (const { chart, objects } of charts) for (const object of objects) rows.push(await review(namespace, chart, object));
  return rows;
}

test("in an enforced namespace: each denial is defended, and the table is as it was", async () => {
  await bed.tenantNamespace("tools");
  const rows = await reviewAll("tools");
  const denials = rows.flatMap(({ chart, object, denied }) => denied.map((rule) => `${rule} ${chart} ${object}`));
  expect(denials.sort(), "test/packs/ordinary/defences.yaml says why each denial is right").toEqual(Object.keys(defences).sort());
  for (const [denial, sentence] of Object.entries(defences)) expect(sentence.length, denial).toBeGreaterThan(40);
  const table = goldenTable(rows);
  if (process.env["FIREBREAK_UPDATE_GOLDEN"] || !existsSync(goldenFile)) writeFileSync(goldenFile, table);
  expect(table).toBe(readFileSync(goldenFile, "utf8"));
});

test("in a namespace of a stranger's cluster nothing is refused", async () => {
  await bed.admin(["create", "namespace", "stranger"]);
  await bed.admin(["create", "serviceaccount", "default", "-n", "stranger", "--dry-run=client"]);
  const rows = (await reviewAll("stranger")).filter(({ denied }) => denied.length > 0);
  expect(rows).toEqual([]);
});

function goldenTable(rows: readonly Row[]): string {
  const said = (rules: readonly string[]) => (rules.length === 0 ? "" : rules.join(", "));
  const lines = rows.map(
    ({ chart, object, denied, warned }) =>
      `| ${chart} | ${object} | ${said(denied)} | ${said(warned)} | ${denied.length + warned.length === 0 ? "clean" : ""} |`,
  );
  const head = ["# Ordinary charts in an enforced namespace", "", "Written by `test/apiserver/ordinary.test.ts`.", ""];
  return `${[...head, "| chart | object | denied | warned | |", "|---|---|---|---|---|", ...lines].join("\n")}\n`;
}
