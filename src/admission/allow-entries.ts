import type { Attributes } from "../model/attributes.ts";
import { podPath, valueAt } from "../model/workload.ts";
import { ownersOf } from "./owners.ts";
import type { AllowEntry, Finding } from "./ports.ts";

/** The entry of `params.allow` that permits a finding, if one does. Nothing that stands on the object as a label or annotation counts. */
export function allowedBy(finding: Finding, attributes: Attributes, now: Date): AllowEntry | undefined {
  return finding.allow.find((entry) => isLive(entry, now) && permits(entry, finding, attributes));
}

function isLive(entry: AllowEntry, now: Date): boolean {
  return entry.expires === undefined || Date.parse(entry.expires) > now.getTime();
}

/** All fields that an entry gives must match; an entry that gives none matches nothing. */
function permits(entry: AllowEntry, { violation }: Finding, attributes: Attributes): boolean {
  const details = violation.details as { container?: unknown; image?: unknown; images?: unknown; capabilities?: unknown } | null;
  const images = [details?.image, ...(Array.isArray(details?.images) ? details.images : [])].filter((image) => typeof image === "string");
  const checks = [
    entry.namespace === undefined || entry.namespace === attributes.namespace,
    entry.serviceAccount === undefined || entry.serviceAccount === serviceAccountOf(attributes),
    entry.user === undefined || entry.user === attributes.user.username,
    entry.owner === undefined || ownersOf(attributes).includes(`${entry.owner.kind}/${entry.owner.name}`),
    entry.imagePrefix === undefined || (images.length > 0 && images.every((image) => hasImagePrefix(image, entry.imagePrefix as string))),
    entry.container === undefined || entry.container === details?.container,
    entry.capabilities === undefined || sameSet(entry.capabilities, details?.capabilities),
  ];
  const narrowed = [entry.namespace, entry.serviceAccount, entry.user, entry.owner, entry.imagePrefix].some((field) => field !== undefined);
  return narrowed && checks.every(Boolean);
}

/** `registry/repo` covers `registry/repo:tag` and `registry/repo@sha256:…`, never `registry/repository`. */
function hasImagePrefix(image: string, prefix: string): boolean {
  return image === prefix || [":", "@", "/"].some((end) => image.startsWith(prefix.endsWith(end) ? prefix : prefix + end));
}

function serviceAccountOf({ kind, object }: Attributes): string {
  const name = valueAt(object, [...(podPath(kind) ?? []), "spec", "serviceAccountName"]);
  return typeof name === "string" && name !== "" ? name : "default";
}

function sameSet(wanted: readonly string[], found: unknown): boolean {
  return Array.isArray(found) && found.length === wanted.length && wanted.every((name) => found.includes(name));
}
