import { Agent, request } from "node:https";
import { expect, test } from "vitest";
import type { RulePack } from "../../src/model/rule-pack.ts";
import { eventually } from "../../tools/cluster/process.ts";
import { manyRules } from "../packs/tiny-pack.ts";
import { size } from "../size.ts";
import { pod, testBed } from "./test-bed.ts";

const bed = testBed();
const rules = 50;
const swaps = size(5, 20);
const perSecond = 200;
/** One in so many is bad for every rule, and shows which revision answered, and whether all of it did. */
const badEvery = 10;

const agent = new Agent({ keepAlive: true, maxSockets: 64, rejectUnauthorized: false });

/** One review, as an API server sends it; the answer's status and what it allows. */
function review(uid: string, bad: boolean): Promise<{ status: number; allowed: boolean | undefined; denied: string }> {
  const object = { ...pod("p"), metadata: { name: "p", namespace: "shop", labels: { bad: bad ? "yes" : "no", component: "c", owner: "o" } } };
  const body = JSON.stringify({
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: {
      uid,
      operation: "CREATE",
      kind: { group: "", version: "v1", kind: "Pod" },
      resource: { group: "", version: "v1", resource: "pods" },
      name: "p",
      namespace: "shop",
      userInfo: { username: "load", groups: [] },
      dryRun: true,
      object,
      oldObject: null,
    },
  });
  return new Promise((resolve) => {
    const asked = request(
      { host: "127.0.0.1", port: bed.firebreak.port, path: "/validate?timeout=10s", method: "POST", agent, headers: { "content-type": "application/json" } },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () => {
          const answer = JSON.parse(text).response as { allowed: boolean; auditAnnotations?: { deny?: string } } | undefined;
          resolve({ status: response.statusCode ?? 0, allowed: answer?.allowed, denied: answer?.auditAnnotations?.deny ?? "" });
        });
      },
    );
    asked.on("error", (error) => resolve({ status: 0, allowed: undefined, denied: error.message }));
    asked.end(body);
  });
}

test(`${swaps} swaps of a pack of ${rules} rules under ${perSecond} reviews a second: no failed call, no answer from a half-loaded pack`, async () => {
  await bed.tenantNamespace("shop");
  const apply = async (version: number) => {
    const spec = {
      tier: "Standard",
      source: { inline: { files: manyRules("many", rules, `1.0.${version}`) } },
      bindings: [{ name: "all", admission: "enforce" }],
    };
    await bed.admin(
      ["apply", "--server-side", "-f", "-"],
      JSON.stringify({ apiVersion: "firebreak.dev/v1alpha1", kind: "RulePack", metadata: { name: "many" }, spec }),
    );
    await eventually(
      `version ${version} in force`,
      async () => ((await bed.get<RulePack>("rulepack", "many"))?.status?.active?.version === `1.0.${version}` ? true : undefined),
      60,
    );
  };
  await apply(0);
  await eventually("the first answer", async () => ((await review("first", true)).denied === "" ? undefined : true));
  const answers: Promise<Awaited<ReturnType<typeof review>>>[] = [];
  const load = setInterval(() => answers.push(review(`load-${answers.length}`, answers.length % badEvery === 0)), 1000 / perSecond);
  for (let version = 1; version <= swaps; version++) await apply(version);
  clearInterval(load);
  const said = await Promise.all(answers);
  agent.destroy();
  expect(said.length).toBeGreaterThan(swaps * 50);
  expect(said.filter(({ status, allowed }, index) => status !== 200 || allowed !== (index % badEvery !== 0))).toEqual([]);
  const everyRule = Array.from({ length: rules }, (_, index) => `MANY-RR-${String(index).padStart(3, "0")}`).join(",");
  expect(new Set(said.map(({ denied }) => denied))).toEqual(new Set([everyRule, ""]));
  const records = (await bed.firebreak.lines()).flatMap(({ results }) => {
    const own = ((results ?? []) as { rulePack: string; packDigest: string }[]).filter(({ rulePack }) => rulePack === "many");
    return own.length === 0 ? [] : [new Set(own.map(({ packDigest }) => packDigest))];
  });
  // Each decision is of one revision, and all of them were seen.
  expect(records.filter((digests) => digests.size !== 1)).toEqual([]);
  expect(new Set(records.flatMap((digests) => [...digests])).size).toBeGreaterThanOrEqual(swaps);
}, 600_000);
