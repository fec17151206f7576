import type { PatchOperation } from "../model/decision.ts";
import type { JsonValue } from "../model/kubernetes.ts";

/** A JSON Pointer (RFC 6901) from its unescaped segments. */
export function pointer(segments: readonly string[]): string {
  return segments.map((segment) => `/${segment.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/**
 * Operations that add the absent keys of `wanted` to the map at `at` in `root`, and nothing else. Parents that are missing
 * are added as empty objects first; a key that is there, with whatever value, stays as the user wrote it.
 */
export function addAbsentKeys(root: unknown, at: readonly string[], wanted: ReadonlyMap<string, JsonValue>): PatchOperation[] {
  const operations: PatchOperation[] = [];
  let current: unknown = root;
  for (const [depth, segment] of at.entries()) {
    const next = child(current, segment);
    if (next === undefined || next === null) {
      if (wanted.size === 0) return [];
      operations.push({ op: "add", path: pointer(at.slice(0, depth + 1)), value: {} });
      current = {};
    } else {
      current = next;
    }
  }
  const additions: PatchOperation[] = [];
  for (const [key, value] of wanted) {
    if (child(current, key) === undefined) additions.push({ op: "add", path: pointer([...at, key]), value });
  }
  return additions.length === 0 ? [] : [...operations, ...additions];
}

/** The object with additions made to it. The object itself stays as it is. */
export function applyAdditions<T>(object: T, operations: readonly PatchOperation[]): T {
  const result = structuredClone(object);
  for (const { path, value } of operations) {
    const segments = path
      .slice(1)
      .split("/")
      .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));
    const key = segments.pop() ?? "";
    const parent = segments.reduce(child, result) as Record<string, unknown>;
    Object.defineProperty(parent, key, { value: structuredClone(value), enumerable: true, writable: true, configurable: true });
  }
  return result;
}

function child(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}
