/** What a look at one thing found. `unknown`: it could not be looked at. */
export interface Finding {
  readonly status: "ok" | "warn" | "fail" | "unknown";
  readonly detail: string;
  /** What to do about it. */
  readonly fix?: string;
}

export interface Examination extends Finding {
  readonly name: string;
}
