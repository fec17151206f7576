import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Admission } from "../admission/admission.ts";
import { answerOf } from "../admission/answer.ts";
import type { Recorder } from "../admission/ports.ts";
import { decodeReview, findUid } from "../admission/review.ts";
import type { Attributes, Phase } from "../model/attributes.ts";
import type { Decision } from "../model/decision.ts";
import type { ErrorCode } from "../model/errors.ts";
import { type ReviewBody, readReviewBody } from "./review-body.ts";

export interface ServerOptions {
  readonly admission: Pick<Admission, "decide">;
  readonly recorder: Recorder;
  readonly newId: () => string;
  /** Why this replica should get no traffic now; empty where it should. */
  readonly notReady: () => readonly string[];
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
  readonly maxReviewBytes: number;
  readonly onError: (message: string, fields: object) => void;
  /** PEM. Absent in tests that inject requests. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** What an API server waits for at most, where it does not say. */
const ownDeadlineMillis = 9000;
/** The answer must be on its way before the caller gives up. */
const answerMarginMillis = 200;

const phases: readonly (readonly [path: string, phase: Phase, failurePolicy: "Fail" | "Ignore"])[] = [
  ["/mutate", "mutating", "Fail"],
  ["/mutate/observe", "mutating", "Ignore"],
  ["/validate", "validating", "Fail"],
  ["/validate/observe", "validating", "Ignore"],
];

/** The HTTPS server. It is built here and listens elsewhere; nothing is decided here. */
export function buildServer(options: ServerOptions): FastifyInstance {
  const app = fastify({
    // HTTP/1.1 only: API servers speak nothing else to webhooks.
    ...(options.tls ? { https: { ...options.tls, minVersion: "TLSv1.3" as const } } : {}),
    // An API server keeps idle connections 90 s; a shorter time here makes it write into a closed socket, which is not retried.
    keepAliveTimeout: 120_000,
    // A body that trickles in for longer than a review may take is nobody's.
    requestTimeout: 15_000,
    connectionTimeout: 0,
    // While shutting down, reviews that are on their way still get their answer.
    return503OnClosing: false,
    forceCloseConnections: "idle",
    bodyLimit: options.maxReviewBytes,
  } as object) as unknown as FastifyInstance;
  app.removeAllContentTypeParsers();
  // Bodies are read and parsed by us: `__proto__` is a legal key there, and a body over the limit still gets an answer.
  app.addContentTypeParser("application/json", (_request, payload, done) => {
    readReviewBody(payload as never, options.maxReviewBytes).then((body) => done(null, body), done);
  });
  for (const [path, phase, failurePolicy] of phases) {
    app.post(path, (request, reply) => review(options, phase, failurePolicy, request, reply));
  }
  addProbes(app, options);
  app.setErrorHandler((error: Error & { statusCode?: number; code?: string }, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) options.onError("a request failed", { error: error.message });
    const message = status === 415 ? "send an AdmissionReview as application/json" : error.message;
    void reply.status(status).send({ code: status >= 500 ? "FBR_INTERNAL" : "FBR_REVIEW_MALFORMED", message });
  });
  return app;
}

/** Probes and metrics, without a certificate that scrapers would have to trust. */
export function buildMetricsServer(options: Pick<ServerOptions, "metrics" | "notReady">): FastifyInstance {
  const app = fastify();
  addProbes(app, options);
  return app;
}

function addProbes(app: FastifyInstance, { metrics, notReady }: Pick<ServerOptions, "metrics" | "notReady">): void {
  app.get("/livez", () => "ok\n");
  app.get("/readyz", (_request, reply) => {
    const reasons = notReady();
    return reply.status(reasons.length === 0 ? 200 : 503).send(reasons.length === 0 ? "ok\n" : `not ready: ${reasons.join("; ")}\n`);
  });
  app.get("/metrics", async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));
}

async function review(options: ServerOptions, phase: Phase, failurePolicy: "Fail" | "Ignore", request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { bytes, tooLarge } = (request.body ?? { bytes: new Uint8Array(), tooLarge: false }) as ReviewBody;
  const decoded = tooLarge
    ? ({ ok: false, uid: findUid(bytes), code: 413, message: `the review is larger than ${options.maxReviewBytes} bytes` } as const)
    : decodeReview(bytes, phase);
  if (!decoded.ok) {
    if (decoded.uid === undefined) return reply.status(400).send({ code: "FBR_REVIEW_MALFORMED", message: decoded.message });
    const decision = malformed(options.newId(), decoded.uid, phase, decoded.code, decoded.message);
    await options.recorder.record(decision);
    return reply.send(answerOf(decision));
  }
  const deadline = Date.now() + Math.min(timeoutOf(request.query), ownDeadlineMillis) - answerMarginMillis;
  const context = { attributes: decoded.attributes, review: bytes, deadline, failurePolicy };
  const decision = await withDeadline(options.admission.decide(context), deadline, () => late(options.newId(), decoded.attributes, failurePolicy));
  await options.recorder.record(decision);
  return reply.send(answerOf(decision));
}

/** `?timeout=10s` is what the API server gives us (Go's duration format). */
function timeoutOf(query: unknown): number {
  const text = (query as { timeout?: unknown } | null)?.timeout;
  const match = typeof text === "string" ? /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text) : null;
  const unit = { ms: 1, s: 1000, m: 60_000 }[match?.[2] ?? "s"] ?? 1000;
  return match ? Number(match[1]) * unit : ownDeadlineMillis;
}

async function withDeadline(deciding: Promise<Decision>, deadline: number, onLate: () => Decision): Promise<Decision> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Decision>((resolve) => {
    timer = setTimeout(() => resolve(onLate()), Math.max(deadline - Date.now(), 0));
  });
  try {
    return await Promise.race([deciding, late]);
  } finally {
    clearTimeout(timer);
  }
}

function late(id: string, attributes: Attributes, failurePolicy: "Fail" | "Ignore"): Decision {
  const message = "the decision took longer than the API server waits";
  const allowed = failurePolicy === "Ignore";
  return { ...unjudged(id, attributes, "FBR_DEADLINE", message), outcome: allowed ? "allowed" : "undecided", code: allowed ? 200 : 503 };
}

function malformed(id: string, uid: string, phase: Phase, code: number, message: string): Decision {
  const none = { group: "", version: "", kind: "", resource: "" };
  const attributes: Attributes = {
    uid,
    phase,
    operation: "CREATE",
    kind: none,
    resource: none,
    subResource: "",
    namespace: "",
    name: "",
    user: { username: "", groups: [], extra: {} },
    dryRun: false,
  };
  return { ...unjudged(id, attributes, code === 413 ? "FBR_REVIEW_TOO_LARGE" : "FBR_REVIEW_MALFORMED", message), outcome: "malformed", code };
}

function unjudged(id: string, attributes: Attributes, code: ErrorCode, message: string): Omit<Decision, "outcome" | "code"> {
  return {
    id,
    attributes,
    patch: [],
    results: [],
    evaluated: [],
    notices: [],
    failure: { code, message },
    timings: { startedAt: new Date(), totalMicros: 0, evaluationMicros: 0 },
  };
}
