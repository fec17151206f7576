/** Whether two JSON values are equal, whatever the order of their keys. An undefined value equals an absent key. */
export function sameJson(one: unknown, two: unknown): boolean {
  if (Object.is(one, two)) return true;
  if (typeof one !== "object" || typeof two !== "object" || one === null || two === null) return false;
  if (Array.isArray(one) !== Array.isArray(two)) return false;
  if (Array.isArray(one)) {
    const other = two as unknown[];
    return one.length === other.length && one.every((item, index) => sameJson(item, other[index]));
  }
  const left = definedEntries(one);
  const right = new Map(definedEntries(two));
  return left.length === right.size && left.every(([key, value]) => right.has(key) && sameJson(value, right.get(key)));
}

function definedEntries(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, item]) => item !== undefined);
}
