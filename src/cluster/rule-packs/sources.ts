import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join, normalize } from "node:path";
import { FirebreakError, messageOf } from "../../model/errors.ts";
import type { RulePackSpec } from "../../model/rule-pack.ts";
import { type ApiClient, absent } from "../api-client.ts";
import type { FoundSource } from "./foundry.ts";

interface ConfigMap {
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
}

export interface SourceReader {
  readonly api: ApiClient;
  /** Firebreak's own namespace. */
  readonly namespace: string;
  /** Where bundles are mounted. */
  readonly folder: string;
}

/**
 * What the source of a RulePack names.
 *
 * @throws FirebreakError FBR_PACK_INVALID where it is not there.
 */
export async function readSource({ api, namespace, folder }: SourceReader, { source, trustedKeys = [] }: RulePackSpec): Promise<FoundSource> {
  if (source.inline !== undefined) return { files: source.inline.files };
  if (source.configMap !== undefined) return { files: (await configMap(api, namespace, source.configMap.name)).data ?? {} };
  if (source.bundleConfigMap !== undefined) {
    const { name, key } = source.bundleConfigMap;
    const content = (await configMap(api, namespace, name)).binaryData?.[key];
    if (content === undefined) throw notThere(`the ConfigMap ${namespace}/${name} has no binaryData ${key}`);
    return { bundle: Buffer.from(content, "base64"), trustedKeys };
  }
  const path = normalize(source.bundleFile?.path ?? "");
  if (path === "" || path.startsWith("..") || path.startsWith("/")) throw notThere(`${source.bundleFile?.path} is no path below ${folder}`);
  const bundle = await readFile(join(folder, path)).catch((cause: unknown) => {
    throw notThere(`the bundle ${path} cannot be read from ${folder}: ${messageOf(cause)}`, cause);
  });
  return { bundle, trustedKeys };
}

/** Tells two sources apart, and the keys that a bundle is trusted by. */
export function sourceDigest(source: FoundSource): string {
  const hash = createHash("sha256");
  if ("bundle" in source) hash.update(source.bundle).update(JSON.stringify(source.trustedKeys));
  else hash.update(JSON.stringify(Object.entries(source.files).sort(([a], [b]) => (a < b ? -1 : 1))));
  return `sha256:${hash.digest("hex")}`;
}

async function configMap(api: ApiClient, namespace: string, name: string): Promise<ConfigMap> {
  const found = await api.get<ConfigMap>(`/api/v1/namespaces/${namespace}/configmaps/${name}`).catch(absent);
  if (found === undefined) throw notThere(`there is no ConfigMap ${namespace}/${name}`);
  return found;
}

function notThere(why: string, cause?: unknown): FirebreakError {
  return new FirebreakError("FBR_PACK_INVALID", why, { cause });
}
