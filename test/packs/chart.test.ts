import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runFirebreak } from "../cli/run-firebreak.ts";

const root = join(import.meta.dirname, "..", "..");
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "firebreak-chart-"));
  // Firebreak's own namespace is excluded: the renderings are judged as if it were anybody's.
  writeFileSync(join(folder, "firebreak.yaml"), "namespace: elsewhere\nclusterMode: enforce\nendpoint: {service: {name: firebreak}}\n");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function findings(rendering: string): Promise<string[]> {
  const file = join(root, "test", "chart", "golden", rendering);
  const { code, stdout } = await runFirebreak(["check", file, "--config", join(folder, "firebreak.yaml"), "-o", "json"]);
  expect(code, stdout).toBe(0);
  const { objects } = JSON.parse(stdout) as { objects: { object: string; results: { ruleId: string; effect: string; path: string }[] }[] };
  return objects.flatMap(({ object, results }) => results.map(({ effect, ruleId, path }) => `${effect} ${ruleId} ${object} ${path}`));
}

test("firebreak check has nothing against the chart where it is told the addresses of the API server", async () => {
  expect(await findings("everything.yaml")).toEqual([]);
});

test("without them two warnings say what is true: a chart cannot know from where an API server calls", async () => {
  const policy = "firebreak-system/NetworkPolicy/firebreak";
  expect((await findings("default.yaml")).sort()).toEqual([`warn SEG-SL-001 ${policy} spec.egress[1]`, `warn SEG-SL-001 ${policy} spec.ingress[0]`]);
});
