/** The size of a long check: sampled under `npm test`, full under `npm run test:long`. */
export function size(sampled: number, full: number): number {
  return process.env["FIREBREAK_TEST_LONG"] === "1" ? full : sampled;
}
