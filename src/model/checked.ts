import type { Decision } from "./decision.ts";

/** An object that a command judged, and where it was written. */
export interface Checked {
  readonly file: string;
  /** Counted from 1. */
  readonly document: number;
  /** `shop/Deployment/web`; cluster-wide objects have no first part. */
  readonly object: string;
  readonly decision: Decision;
  lineOf(path: string): number;
}
