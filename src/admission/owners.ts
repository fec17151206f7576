import type { Attributes } from "../model/attributes.ts";

/** The object itself and its controller, as `Kind/name`. */
export function ownersOf({ kind, name, object }: Attributes): string[] {
  const owners = object?.metadata?.ownerReferences?.filter(({ controller }) => controller === true) ?? [];
  return [`${kind.kind}/${name}`, ...owners.map((owner) => `${owner.kind}/${owner.name}`)];
}
