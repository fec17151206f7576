/**
 * Whether `found` says all that `wanted` says. Some clouds add selectors to every webhook: what is added to a list of
 * requirements narrows it and stays; anything that is missing or different is put right. An API server leaves empty lists
 * and objects out.
 */
export function covers(found: unknown, wanted: unknown, field = ""): boolean {
  if (Array.isArray(wanted)) return coversList(found ?? [], wanted, field);
  if (typeof wanted === "object" && wanted !== null) return coversObject(found ?? {}, wanted, field);
  return found === wanted;
}

/** Lists to which others may add. */
const growing: ReadonlySet<string> = new Set(["matchExpressions", "ownerReferences"]);

function coversList(found: unknown, wanted: readonly unknown[], field: string): boolean {
  if (!Array.isArray(found)) return false;
  if (growing.has(field)) return wanted.every((item) => found.some((other) => covers(other, item)));
  return found.length === wanted.length && wanted.every((item, index) => covers(found[index], item));
}

function coversObject(found: unknown, wanted: object, field: string): boolean {
  if (typeof found !== "object" || found === null) return false;
  // An object selector would let a user opt out with a label.
  if (field === "objectSelector" && Object.keys(found).length > 0) return false;
  return Object.entries(wanted).every(([key, value]) => covers((found as Record<string, unknown>)[key], value, key));
}
