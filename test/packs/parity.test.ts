import { afterAll, beforeAll, expect, test } from "vitest";
import { checkDocuments } from "../../src/cli/check.ts";
import { parseDocuments } from "../../src/cli/documents.ts";
import { accessFrom, GivenFacts } from "../../src/cli/given-facts.ts";
import type { GuardrailEngine } from "../../src/guardrails/engine.ts";
import type { Decision } from "../../src/model/decision.ts";
import type { Facts } from "../../src/model/facts.ts";
import type { KubernetesObject } from "../../src/model/kubernetes.ts";
import { buildServer } from "../../src/server/server.ts";
import { core, coreSettings, factsOf, realGuardrails } from "./core.ts";
import { type ExampleFile, exampleFiles, exampleParameters, reviewOf } from "./example.ts";

/** The same facts to the webhook (over its HTTP server) and to the command line (as objects in a file): the same verdict, on every example. */
let guardrails: GuardrailEngine;

beforeAll(async () => {
  guardrails = await realGuardrails({ parameters: exampleParameters });
});
afterAll(() => guardrails.close());

test.each(exampleFiles)("$file", async ({ example }: ExampleFile) => {
  const facts = factsOf(example);
  const byWebhook = await webhook(facts, reviewOf(example));
  const byCommand = await command(facts, reviewOf(example));
  expect(verdictOf(byCommand)).toEqual(verdictOf(byWebhook));
});

function verdictOf({ outcome, results, mode }: Decision): object {
  return { outcome, mode, results: results.map(({ ruleId, effect, path, message, details }) => ({ ruleId, effect, path, message, details })) };
}

async function webhook(facts: Facts, review: Uint8Array): Promise<Decision> {
  let recorded: Decision | undefined;
  const app = buildServer({
    admission: core(guardrails, facts),
    recorder: {
      record: async (decision) => {
        recorded = decision;
      },
    },
    newId: () => "id",
    notReady: () => [],
    metrics: { contentType: "text/plain", text: async () => "" },
    maxReviewBytes: 1_000_000,
    onError: () => {},
  });
  const { statusCode } = await app.inject({
    method: "POST",
    url: "/validate?timeout=10s",
    payload: Buffer.from(review),
    headers: { "content-type": "application/json" },
  });
  expect(statusCode).toBe(200);
  await app.close();
  return recorded as Decision;
}

async function command(facts: Facts, review: Uint8Array): Promise<Decision> {
  const objects = objectsOf(facts);
  const given = { objects, complete: true, userKnown: true, access: accessFrom(objects) };
  const admission = core(guardrails, new GivenFacts(given, coreSettings.scheme, coreSettings.installedAt));
  const context = { admission, namespace: "default", user: { username: "", groups: [], extra: {} }, existing: async () => undefined };
  const [checked] = await checkDocuments(parseDocuments("review.json", Buffer.from(review).toString("utf8")), context);
  return (checked as NonNullable<typeof checked>).decision;
}

/** Facts as somebody would list them from a cluster. */
function objectsOf({ namespace, defaultDenyStored, livePods = 0, access }: Facts): KubernetesObject[] {
  const name = namespace?.name ?? "";
  const verbs: readonly (readonly [boolean | undefined, string, string])[] = [
    [access?.changeLabels, "change", "segmentationlabels"],
    [access?.setMode, "set", "namespacemodes"],
    [access?.changeInstallation, "change", "installations"],
  ];
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name, labels: { ...namespace?.labels, "firebreak.dev/mode": namespace?.mode ?? "" } } },
    ...(defaultDenyStored
      ? [{ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name: "firebreak-default-deny", namespace: name } }]
      : []),
    ...Array.from({ length: livePods }, (_, index) => ({ apiVersion: "v1", kind: "Pod", metadata: { name: `p${index}`, namespace: name } })),
    ...verbs.map(([allowed = false, verb, resource]) => ({
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: { resourceAttributes: { group: "firebreak.dev", resource, verb } },
      status: { allowed },
    })),
  ] as KubernetesObject[];
}
