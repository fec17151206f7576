/**
 * Every error that Firebreak can raise, in one closed union. `docs/errors.md` says for each what to do;
 * a unit test keeps that page and this list equal.
 */
export const errorCodes = {
  FBR_CONFIG_UNREADABLE: "the configuration file cannot be read",
  FBR_CONFIG_INVALID: "the configuration has a field that is missing, unknown or out of range",
  FBR_REVIEW_MALFORMED: "the request body is not an AdmissionReview that can be answered",
  FBR_REVIEW_TOO_LARGE: "the AdmissionReview is larger than the limit",
  FBR_OVERLOADED: "more reviews wait for evaluation than can be answered in time",
  FBR_DEADLINE: "the review could not be decided before its deadline",
  FBR_FACTS_UNAVAILABLE: "cluster state that the decision needs is missing or stale",
  FBR_DEFAULT_DENY_NOT_STORED: "the default deny of the namespace could not be stored in time",
  FBR_EVALUATION_FAILED: "a guardrail pack did not answer, or answered in a wrong shape",
  FBR_PACK_INVALID: "a guardrail pack cannot be loaded",
  FBR_PACK_COMPILE: "a guardrail pack does not compile",
  FBR_PACK_BUILTIN: "a guardrail pack needs a builtin that is not on the allow-list",
  FBR_PACK_LIMIT: "a compiler or a test of a pack took more time or memory than it may",
  FBR_PACK_TESTS: "tests of a guardrail pack do not pass",
  FBR_PACK_CONFLICT: "a guardrail pack cannot stand beside those that are active",
  FBR_PACK_QUARANTINED: "a guardrail pack failed too often and refuses until it is replaced",
  FBR_BUNDLE_INVALID: "a bundle cannot be read",
  FBR_SIGNATURE: "a bundle is not signed by a trusted key, or was changed after it was signed",
  FBR_FORBIDDEN: "whoever asks lacks a custom verb of Firebreak",
  FBR_EXEMPTION_INVALID: "an exemption, an approval or a break-glass has a field that is wrong",
  FBR_BOUNDARY_INVALID: "a security domain, a flow contract or an approval of one has a field that is wrong",
  FBR_API: "a call to the API server failed",
  FBR_CERTIFICATE: "the serving certificate cannot be read, made or stored",
  FBR_USAGE: "the command line cannot be understood",
  FBR_INPUT_UNREADABLE: "a file that was given to a command cannot be read",
  FBR_INPUT_INVALID: "a document that was given to a command is no Kubernetes object",
  FBR_TOOL_MISSING: "a tool that this command needs is not there",
  FBR_INTERNAL: "a defect in Firebreak",
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** An error with a code, a sentence for the person who meets it, and the cause where there is one. */
export class FirebreakError extends Error {
  readonly code: ErrorCode;
  /** A failure that refuses instead of asking for a retry: a Mandatory pack did not answer. */
  readonly refuses: boolean;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; refuses?: boolean } = {}) {
    super(message, { cause: options.cause });
    this.name = "FirebreakError";
    this.code = code;
    this.refuses = options.refuses ?? false;
  }
}

/** The text of anything thrown: libraries throw strings and plain objects too (opa-wasm does both). */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  if (typeof thrown === "string") return thrown;
  try {
    return JSON.stringify(thrown) ?? String(thrown);
  } catch {
    return String(thrown);
  }
}
