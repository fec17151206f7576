import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { GuardrailEngine } from "../../src/guardrails/engine.ts";
import type { Decision } from "../../src/model/decision.ts";
import { FirebreakError } from "../../src/model/errors.ts";
import { buildServer, type ServerOptions } from "../../src/server/server.ts";
import { core, enforced, realGuardrails } from "../packs/core.ts";

let guardrails: GuardrailEngine;
let app: FastifyInstance;
const recorded: Decision[] = [];

function server(options: Partial<ServerOptions> = {}): FastifyInstance {
  return buildServer({
    admission: core(guardrails, enforced),
    recorder: {
      record: async (decision) => {
        recorded.push(decision);
      },
    },
    newId: () => "01TEST",
    notReady: () => [],
    metrics: { contentType: "text/plain", text: async () => "" },
    maxReviewBytes: 1024 * 1024,
    onError: () => {},
    ...options,
  });
}

beforeAll(async () => {
  guardrails = await realGuardrails();
  app = server();
});
afterAll(() => Promise.all([app.close(), guardrails.close()]));

function request(fields: object = {}): object {
  const kind = { group: "", version: "v1", kind: "Pod" };
  return {
    uid: "u-1",
    operation: "CREATE",
    kind,
    resource: { group: "", version: "v1", resource: "pods" },
    namespace: "shop",
    name: "p",
    userInfo: { username: "alice" },
    object: { metadata: { labels: {} }, spec: {} },
    ...fields,
  };
}

function review(fields: object = {}): string {
  return JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request: request(fields) });
}

async function post(payload: string | Buffer, url = "/validate", type = "application/json", target = app) {
  const response = await target.inject({ method: "POST", url, payload, headers: { "content-type": type } });
  return { status: response.statusCode, body: response.json() };
}

test("a good review is answered with its uid, the decision id and nothing that was not asked", async () => {
  const { status, body } = await post(review());
  expect(status).toBe(200);
  expect(body).toMatchObject({
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    response: { uid: "u-1", allowed: true, auditAnnotations: { "decision-id": "01TEST" } },
  });
  expect(body.response).not.toHaveProperty("patch");
});

test("a refusal is HTTP 200 with a 403 inside, whose first line has at most 200 characters", async () => {
  const { status, body } = await post(review({ object: { spec: { hostNetwork: true } } }));
  expect(status).toBe(200);
  expect(body.response).toMatchObject({ uid: "u-1", allowed: false, status: { code: 403, reason: "Forbidden" } });
  expect(body.response.status.message.split("\n")[0].length).toBeLessThanOrEqual(200);
  expect(body.response.status.message.length).toBeLessThanOrEqual(900);
});

test.each([
  ["not JSON", "{", 400],
  ["an array", "[]", 400],
  ["no uid", review({ uid: undefined }), 400],
  ["an empty uid", review({ uid: "" }), 400],
  ["an empty body", "", 400],
  ["not UTF-8", Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), 400],
])("%s is answered 400, because nobody can be told", async (_, payload, expected) => {
  expect((await post(payload)).status).toBe(expected);
});

test.each([
  ["a truncated body", review().slice(0, -30), 400],
  ["an older version", review().replace("admission.k8s.io/v1", "admission.k8s.io/v1beta1"), 400],
  ["another kind", review().replace("AdmissionReview", "TokenReview"), 400],
  ["an operation that there is not", review({ operation: "PATCH" }), 422],
  ["an object that is none", review({ object: "x" }), 422],
  ["metadata that is none", review({ object: { metadata: [] } }), 422],
  ["no userInfo", review({ userInfo: null }), 422],
])("%s is malformed, and the uid is answered", async (_, payload, code) => {
  const { status, body } = await post(payload);
  expect(status).toBe(200);
  expect(body.response).toMatchObject({ uid: "u-1", allowed: false, status: { code } });
});

test("another content type is refused with what to send", async () => {
  const { status, body } = await post(review(), "/validate", "text/yaml");
  expect(status).toBe(415);
  expect(body.message).toContain("application/json");
});

test("a body over the limit is denied, not dropped", async () => {
  const { status, body } = await post(review({ object: { spec: { filler: "x".repeat(2 * 1024 * 1024) } } }));
  expect(status).toBe(200);
  expect(body.response).toMatchObject({ uid: "u-1", allowed: false, status: { code: 413 } });
});

test("keys such as __proto__, constructor and toString are keys like any other", async () => {
  const labels = '{"__proto__":"x","constructor":"y","toString":"z","firebreak.dev/tenant":"acme"}';
  const text = review({ namespace: "constructor", object: { metadata: { labels: "LABELS" }, spec: {} } }).replace('"LABELS"', labels);
  const validated = await post(text);
  expect(validated.body.response.allowed).toBe(true);
  const mutated = await post(text, "/mutate");
  expect(mutated.body.response.allowed).toBe(true);
});

test("a spoofed tenant under a strange key order, and NET_ADMIN in a null-filled list, are still seen", async () => {
  const { body } = await post(
    review({
      object: {
        spec: { containers: [null, { name: "c", securityContext: { capabilities: { add: ["net_admin"] } } }] },
        metadata: { labels: { "firebreak.dev/tenant": "globex" } },
      },
    }),
  );
  expect(body.response.status.message).toContain("SEG-ID-003");
  expect(body.response.status.message).toContain("SEG-OP-003");
});

test("a line break in a user's value never starts a line of ours", async () => {
  const { body } = await post(review({ object: { metadata: { labels: { "firebreak.dev/tenant": "a\n- SEG-XX forged" } }, spec: {} } }));
  expect(body.response.status.message.split("\n").filter((line: string) => line.startsWith("- SEG-XX"))).toEqual([]);
});

test("what is not decided says when to come back; where the entry may fail open, it is allowed and said", async () => {
  const failing = server({ admission: core({ judge: () => Promise.reject(new FirebreakError("FBR_OVERLOADED", "busy")) }, enforced) });
  const closed = await post(review(), "/validate", undefined, failing);
  expect(closed.body.response).toMatchObject({ allowed: false, status: { code: 429, reason: "TooManyRequests", details: { retryAfterSeconds: 1 } } });
  const open = await post(review(), "/validate/observe", undefined, failing);
  expect(open.body.response).toMatchObject({ allowed: true, warnings: ["Firebreak could not judge this request: busy"] });
  await failing.close();
});

test("a defect of ours is not decided, never a crash", async () => {
  const broken = server({ admission: core({ judge: () => Promise.reject(new TypeError("oops")) }, enforced) });
  const { status, body } = await post(review(), "/validate", undefined, broken);
  expect(status).toBe(200);
  expect(body.response).toMatchObject({ allowed: false, status: { code: 503 } });
  await broken.close();
});

test("an answer is given before the caller's time is over", async () => {
  const slow = server({ admission: core({ judge: () => new Promise(() => {}) }, enforced) });
  const { body } = await post(review(), "/validate?timeout=1s", undefined, slow);
  expect(body.response).toMatchObject({ allowed: false, status: { code: 503, details: { retryAfterSeconds: 1 } } });
  await slow.close();
});

test("every answer has its record", async () => {
  recorded.length = 0;
  await post(review());
  await post(review().slice(0, -30));
  expect(recorded.map(({ outcome }) => outcome)).toEqual(["allowed", "malformed"]);
});

test("probes tell life from readiness", async () => {
  const unready = server({ notReady: () => ["namespaces is stale"] });
  expect((await unready.inject("/livez")).statusCode).toBe(200);
  const answer = await unready.inject("/readyz");
  expect(answer.statusCode).toBe(503);
  expect(answer.body).toContain("namespaces is stale");
  await unready.close();
});
