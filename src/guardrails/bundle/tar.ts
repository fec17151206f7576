import { FirebreakError } from "../../model/errors.ts";

/** Files of an archive by path (`packs/acme/r/r.rego`), without a leading slash. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** POSIX.1-1988 ustar: blocks of 512 bytes; a header, the content, and two empty blocks at the end. */
const block = 512;
const field = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  magic: [257, 8],
  prefix: [345, 155],
} as const;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** An archive that depends on nothing but the files: sorted, without owner and time. */
export function writeTar(files: Files): Uint8Array {
  const names = [...files.keys()].sort();
  const parts = names.flatMap((name) => {
    const content = files.get(name) as Uint8Array;
    // As OPA names them: it looks for `/policy.wasm`, and finds no `policy.wasm`.
    return [headerOf(`/${name}`, content.length), content, new Uint8Array(padding(content.length))];
  });
  return concatenate([...parts, new Uint8Array(2 * block)]);
}

/**
 * Reads an archive of regular files, and refuses what two readers could read differently: links, devices, extended headers,
 * a name that stands twice or leaves the archive, a header whose checksum is wrong, bytes after the end.
 *
 * @throws FirebreakError FBR_BUNDLE_INVALID
 */
export function readTar(bytes: Uint8Array): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  let at = 0;
  while (at + block <= bytes.length && !isEmpty(bytes.subarray(at, at + block))) {
    const { path, size } = entryOf(bytes.subarray(at, at + block));
    const end = at + block + size;
    if (path !== undefined) {
      if (files.has(path)) throw invalid(`${path} stands twice`);
      if (end > bytes.length) throw invalid(`${path} is cut off`);
      files.set(path, bytes.slice(at + block, end));
    }
    at = end + padding(size);
  }
  if (!isEmpty(bytes.subarray(at))) throw invalid("something stands after its end");
  return files;
}

/** What a header announces; a folder has no path of its own here. */
function entryOf(header: Uint8Array): { path: string | undefined; size: number } {
  const name = nameIn(header);
  const type = textIn(header, "type");
  if (numberIn(header, "checksum") !== checksumOf(header)) throw invalid(`the header of ${name || "a file"} is damaged`);
  const size = numberIn(header, "size");
  if (type === "5" && size === 0) return { path: undefined, size };
  if (type !== "0" && type !== "") throw invalid(`${name} is no regular file (type ${type})`);
  return { path: pathOf(name), size };
}

function headerOf(name: string, size: number): Uint8Array {
  const encoded = encoder.encode(name);
  const cut = encoded.length <= field.name[1] ? 0 : encoded.indexOf(0x2f, encoded.length - field.name[1] - 1) + 1;
  if (encoded.length - cut > field.name[1] || cut > field.prefix[1]) throw invalid(`the path ${name} is too long for an archive`);
  const header = new Uint8Array(block);
  header.set(encoded.subarray(cut), field.name[0]);
  if (cut > 0) header.set(encoded.subarray(0, cut - 1), field.prefix[0]);
  put(header, "mode", "0000644\0");
  put(header, "uid", "0000000\0");
  put(header, "gid", "0000000\0");
  put(header, "size", `${size.toString(8).padStart(11, "0")}\0`);
  put(header, "mtime", "00000000000\0");
  put(header, "type", "0");
  put(header, "magic", "ustar\x0000");
  put(header, "checksum", `${checksumOf(header).toString(8).padStart(6, "0")}\0 `);
  return header;
}

function put(header: Uint8Array, name: keyof typeof field, text: string): void {
  header.set(encoder.encode(text), field[name][0]);
}

function nameIn(header: Uint8Array): string {
  const prefix = textIn(header, "magic").startsWith("ustar") ? textIn(header, "prefix") : "";
  const name = textIn(header, "name");
  return prefix === "" ? name : `${prefix}/${name}`;
}

/** OPA writes a leading slash; nothing else may come before a name, and no part of it may point elsewhere. */
function pathOf(name: string): string {
  const path = name.replace(/^\.?\//, "");
  if (path === "" || path.split("/").some((part) => part === "" || part === "." || part === "..") || path.includes("\\"))
    throw invalid(`${name || "a file without a name"} is no path inside of the archive`);
  return path;
}

function textIn(header: Uint8Array, name: keyof typeof field): string {
  const [start, length] = field[name];
  const raw = header.subarray(start, start + length);
  const end = raw.indexOf(0);
  try {
    return decoder.decode(end < 0 ? raw : raw.subarray(0, end));
  } catch (cause) {
    throw new FirebreakError("FBR_BUNDLE_INVALID", "the archive has a header that is no text", { cause });
  }
}

function numberIn(header: Uint8Array, name: keyof typeof field): number {
  const text = textIn(header, name).trim();
  if (!/^[0-7]+$/.test(text)) throw invalid(`the header of ${nameIn(header)} has no ${name}`);
  return Number.parseInt(text, 8);
}

/** The sum of all bytes of the header, its own field taken as spaces. */
function checksumOf(header: Uint8Array): number {
  const [start, length] = field.checksum;
  return header.reduce((sum, byte, index) => sum + (index >= start && index < start + length ? 0x20 : byte), 0);
}

function isEmpty(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

function padding(size: number): number {
  return (block - (size % block)) % block;
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function invalid(why: string): FirebreakError {
  return new FirebreakError("FBR_BUNDLE_INVALID", `the bundle cannot be read: ${why}`);
}
