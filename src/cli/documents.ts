import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Document, isCollection, isMap, isScalar, LineCounter, parseAllDocuments, visit } from "yaml";
import { FirebreakError, messageOf } from "../model/errors.ts";
import type { KubernetesObject } from "../model/kubernetes.ts";

/** A Kubernetes object and where it was written. */
export interface SourceDocument {
  readonly file: string;
  /** Counted from 1. */
  readonly document: number;
  readonly object: KubernetesObject;
  /** The line of a field (`spec.ingress[0].from`), or of its nearest parent that is written; counted from 1. */
  lineOf(path: string): number;
}

const endings = [".yaml", ".yml", ".json"];

/**
 * Reads objects from files, from folders with everything in them, and from standard input (`-`). Lists are taken apart.
 *
 * @throws FirebreakError FBR_INPUT_UNREADABLE; FBR_INPUT_INVALID with file, document and line.
 */
export async function readDocuments(paths: readonly string[], readStdin: () => Promise<string>): Promise<SourceDocument[]> {
  const documents: SourceDocument[] = [];
  for (const path of paths) {
    if (path === "-") documents.push(...parseDocuments("<stdin>", await readStdin()));
    else for (const file of await filesOf(path)) documents.push(...parseDocuments(file, await readText(file)));
  }
  return documents;
}

async function filesOf(path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = await readdir(path, { recursive: true });
    return names
      .filter((name) => endings.some((ending) => name.endsWith(ending)))
      .sort()
      .map((name) => join(path, name));
  } catch (cause) {
    throw new FirebreakError("FBR_INPUT_UNREADABLE", `${path}: ${messageOf(cause)}`, { cause });
  }
}

/** @throws FirebreakError FBR_INPUT_UNREADABLE */
export async function readText(file: string): Promise<string> {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await readFile(file));
  } catch (cause) {
    throw new FirebreakError("FBR_INPUT_UNREADABLE", `${file}: ${messageOf(cause)}`, { cause });
  }
}

/** The objects of one text: YAML or JSON, any number of documents. */
export function parseDocuments(file: string, text: string): SourceDocument[] {
  const lines = new LineCounter();
  // YAML 1.1, as kubectl reads it: `hostNetwork: yes` means true.
  const parsed = parseAllDocuments(separated(text), { version: "1.1", merge: true, lineCounter: lines, logLevel: "silent" });
  return [...parsed].flatMap((document, index) => {
    const place = { file, document: index + 1, lineAt: (offset: number) => lines.linePos(offset).line };
    const [error] = document.errors;
    if (error !== undefined) throw invalid(place, place.lineAt(error.pos[0]), error.message.split("\n")[0] ?? "");
    if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) return [];
    const template = collectionKey(document as Document);
    if (template !== undefined) throw invalid(place, place.lineAt(template), "a map is the key of a map: is this a template? render it first");
    return objectsIn(document as Document, place);
  });
}

/** Where a map or list stands as the key of a map, which no Kubernetes object has: `{{ .Values.x }}` reads so. */
function collectionKey(document: Document): number | undefined {
  let found: number | undefined;
  visit(document, {
    Pair: (_key, { key }) => {
      if (!isCollection(key)) return undefined;
      found = key.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return found;
}

interface Place {
  readonly file: string;
  readonly document: number;
  lineAt(offset: number): number;
}

function invalid({ file, document }: Place, line: number, why: string): FirebreakError {
  return new FirebreakError("FBR_INPUT_INVALID", `${file}, document ${document}, line ${line}: ${why}`);
}

/** JSON values that follow each other (`kubectl get -o json` again and again) become documents of YAML; each line stays where it was. */
function separated(text: string): string {
  return text.trimStart().startsWith("{") ? text.replace(/\}([ \t]*\r?\n)(?=\{)/g, "}$1--- ") : text;
}

function objectsIn(document: Document, place: Place): SourceDocument[] {
  const start = isMap(document.contents) ? (document.contents.range?.[0] ?? 0) : 0;
  let whole: unknown;
  try {
    whole = document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw invalid(place, place.lineAt(start), messageOf(cause));
  }
  const collected: SourceDocument[] = [];
  collect(whole, []);
  return collected;

  function collect(value: unknown, at: readonly (string | number)[]): void {
    const problem = problemOf(value);
    if (problem !== undefined) throw invalid(place, lineOf(document, place, at), problem);
    const object = value as KubernetesObject & { items?: unknown };
    if (object.kind?.endsWith("List") && Array.isArray(object.items)) {
      for (const [index, item] of object.items.entries()) collect(item, [...at, "items", index]);
      return;
    }
    collected.push({
      file: place.file,
      document: place.document,
      object,
      lineOf: (path) => lineOf(document, place, [...at, ...segmentsOf(path)]),
    });
  }
}

/** Why a value is no Kubernetes object. */
function problemOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "is no object";
  const { apiVersion, kind, metadata } = value as Record<string, unknown>;
  const lacking = [typeof apiVersion === "string" && apiVersion !== "" ? "" : "apiVersion", typeof kind === "string" && kind !== "" ? "" : "kind"].filter(
    Boolean,
  );
  if (lacking.length > 0) return `has no ${lacking.join(" and no ")}: render templates first, and leave values files out`;
  if (metadata !== undefined && (typeof metadata !== "object" || metadata === null)) return "metadata is no object";
  return undefined;
}

/** `spec.ingress[0].from` and `metadata.labels["a/b"]` as keys and indexes. */
function segmentsOf(path: string): (string | number)[] {
  const parts = path.matchAll(/\["([^"]*)"\]|\[(\d+)\]|([^.[\]]+)/g);
  return [...parts].map(([, quoted, index, name]) => (index === undefined ? (quoted ?? name ?? "") : Number(index)));
}

function lineOf(document: Document, { lineAt }: Place, segments: readonly (string | number)[]): number {
  for (let length = segments.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(segments.slice(0, length), true);
    const range = (node as { range?: readonly [number, number, number] } | null | undefined)?.range;
    if (range) return lineAt(range[0]);
  }
  return 1;
}
