import { createHash } from "node:crypto";
/**
 * The digest that an approval is bound to: over the spec without who asked for it, which only the API server knows. A field that
 * was added or changed makes another digest.
 */
export function specDigest({ requestedBy: _, ...spec }: { readonly requestedBy?: string }): string {
  return `sha256:${createHash("sha256").update(canonical(spec)).digest("hex")}`;
}

/** JSON with sorted keys and without spaces (RFC 8785 for what such a spec can hold: texts, lists and maps of them). */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const pairs = Object.entries(value).filter(([, child]) => child !== undefined);
  pairs.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${pairs.map(([key, child]) => `${JSON.stringify(key)}:${canonical(child)}`).join(",")}}`;
}
