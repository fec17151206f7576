/** Something of a policy that the model does not say: what it means is unknown. */
export interface Unmodelled {
  readonly path: string;
  readonly why: string;
}

/** Files and hostile requests hold anything where a list belongs. */
export function listOf<T>(value: readonly T[] | undefined | null): readonly T[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "object" && item !== null) : [];
}
