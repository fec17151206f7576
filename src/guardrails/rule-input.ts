/** What is added to the review before the rules read it. */
export interface RuleContext {
  /** The folder of the pack: with it the module looks a rule up, without it it would search all of them for each. */
  readonly pack: string;
  readonly rules: readonly string[];
  readonly facts: object;
  readonly effect: object;
  readonly effectBefore: object;
  /** RFC 3339; rules have no clock. */
  readonly now: string;
}

const head = new TextEncoder().encode('{"review":');
const encoder = new TextEncoder();

/**
 * The input of an evaluation: the request's own bytes with the context spliced in behind them, in a buffer of exactly their
 * length. Only an exact ArrayBuffer is read as bytes by opa-wasm; anything else would be judged as if it were empty.
 */
export function ruleInput(review: Uint8Array, context: RuleContext): ArrayBuffer {
  const tail = encoder.encode(`,${JSON.stringify(context).slice(1)}`);
  const input = new Uint8Array(head.length + review.length + tail.length);
  input.set(head, 0);
  input.set(review, head.length);
  input.set(tail, head.length + review.length);
  return input.buffer;
}
