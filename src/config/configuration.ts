import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { z } from "zod";
import { FirebreakError, messageOf } from "../model/errors.ts";
import { defaultLabelKeys } from "../model/segmentation-labels.ts";

const name = z.string().regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, "must be a Kubernetes name");
const labelKey = z.string().regex(/^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/, "must be a label key");
const labelValue = z.string().regex(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/, "must be a label value");
const millis = z.int().positive();

const approvers = z.int().min(1).max(16);
const days = z.int().min(1).max(3660);

const allowEntry = z.strictObject({
  namespace: name.optional(),
  serviceAccount: name.optional(),
  user: z.string().min(1).optional(),
  owner: z.strictObject({ kind: z.string(), name: z.string() }).optional(),
  imagePrefix: z.string().min(1).optional(),
  container: z.string().optional(),
  capabilities: z.array(z.string()).optional(),
  reason: z.string().min(1),
  expires: z.iso.datetime({ offset: true }),
});

const parameters = z.looseObject({ allow: z.array(allowEntry).optional() });

/**
 * The whole configuration: every field, its default and its bounds. The defaults of exclusion are what nodes, networking and
 * storage need to come up: refusing them would stop a cluster that we are to protect.
 */
/** The form of a CIDR block; whether its numbers are in range is said where it is read. */
function isCidr(text: string): boolean {
  return /^[0-9a-fA-F.:]+\/\d{1,3}$/.test(text);
}

const schema = z.strictObject({
  namespace: name.default("firebreak-system"),
  serviceAccount: name.default("firebreak"),
  clusterName: z.string().default("kubernetes"),
  ownerClusterRole: z.string().default("firebreak"),
  endpoint: z.union([
    z.strictObject({ service: z.strictObject({ name, port: z.int().min(1).max(65535).default(443) }) }),
    z.strictObject({ url: z.url({ protocol: /^https$/ }) }),
  ]),
  listen: z.strictObject({ host: z.string().default("::"), port: z.int().min(0).max(65535).default(8443) }).prefault({}),
  metrics: z.strictObject({ host: z.string().default("::"), port: z.int().min(0).max(65535).default(9090) }).prefault({}),
  packs: z
    .array(
      z.strictObject({
        path: z.string(),
        profile: z.string().optional(),
        parameters: z.record(z.string(), parameters).default({}),
        actions: z.record(z.string(), z.enum(["deny", "warn", "dryrun"])).default({}),
      }),
    )
    .min(1)
    .default([{ path: "dist/packs/segmentation_baseline.tar.gz", parameters: {}, actions: {} }]),
  labels: z
    .strictObject({
      keys: z.strictObject({ tenant: labelKey, domain: labelKey, environment: labelKey, app: labelKey, exposure: labelKey }).partial().default({}),
      sources: z
        .strictObject({ tenant: z.array(labelKey), domain: z.array(labelKey), environment: z.array(labelKey), exposure: z.array(labelKey) })
        .partial()
        .default({}),
      enclaves: z
        .strictObject({ tenant: z.array(labelValue), domain: z.array(labelValue), environment: z.array(labelValue) })
        .partial()
        .default({}),
    })
    .prefault({}),
  excludedNamespaces: z
    .array(name)
    .default([
      "kube-system",
      "kube-node-lease",
      "kube-public",
      "calico-system",
      "calico-apiserver",
      "tigera-operator",
      "cilium-secrets",
      "kube-flannel",
      "metallb-system",
      "longhorn-system",
      "rook-ceph",
      "karpenter",
      "cert-manager",
    ]),
  /** What belongs to no namespace (cluster roles, cluster-wide policies): `enforce` refuses, and fails closed where a policy is written. */
  clusterMode: z.enum(["observe", "enforce"]).default("observe"),
  /** ConfigMaps of the cluster resolver, as namespace/name: a change of them is told of. */
  resolverConfigurations: z
    .array(z.string().regex(/^[a-z0-9-]+\/[a-z0-9.-]+$/, "must be namespace/name"))
    .default(["kube-system/coredns", "kube-system/coredns-custom"]),
  dnsService: z.strictObject({ namespace: name.default("kube-system"), name: name.default("kube-dns") }).prefault({}),
  networkPlugin: z.strictObject({ name: z.string(), enforces: z.boolean() }).optional(),
  tls: z
    .strictObject({
      source: z.enum(["authority", "files"]).default("authority"),
      folder: z.string().default("/etc/firebreak/tls"),
      authorityMillis: millis.default(365 * 24 * 3_600_000),
      leafMillis: millis.default(30 * 24 * 3_600_000),
      publishMillis: millis.default(60_000),
      refreshMillis: millis.default(60_000),
    })
    .prefault({}),
  evaluation: z
    .strictObject({
      workers: z.int().min(1).max(64).default(2),
      evaluationMillis: millis.max(8000).default(1000),
      maxQueue: z.int().min(1).default(2000),
    })
    .prefault({}),
  rulePacks: z
    .strictObject({
      /** Where bundles are mounted. */
      folder: z.string().default("/etc/firebreak/packs"),
      /** What proving one pack may take, in a process of its own. */
      proveMillis: millis.default(120_000),
      memoryBytes: z
        .int()
        .min(128 * 1024 * 1024)
        .default(384 * 1024 * 1024),
      evidenceMillis: millis.default(15_000),
    })
    .prefault({}),
  exemptions: z
    .strictObject({
      /** How many others must approve an exemption, by the severity of its rules. */
      approvals: z.strictObject({ critical: approvers, high: approvers, medium: approvers, low: approvers }).partial().default({}),
      /** How many days one may last. */
      maxDays: z.strictObject({ critical: days, high: days, medium: days, low: days }).partial().default({}),
      breakGlassMinutes: z.int().min(1).max(1440).default(60),
      /** Keys whose signature is their owner's approval. */
      keys: z.array(z.strictObject({ id: z.string().min(1), publicKey: z.string().min(1), owner: z.string().min(1) })).default([]),
    })
    .prefault({}),
  scan: z
    .strictObject({
      enabled: z.boolean().default(true),
      /** Which reports are written, where their kinds are installed. */
      reports: z.enum(["openreports", "wgpolicyk8s", "none"]).default("openreports"),
      fullMillis: millis.default(3_600_000),
      flushMillis: millis.default(5000),
      /** How long after a change of packs or exemptions everything is scanned again. */
      settleMillis: millis.default(5000),
    })
    .prefault({}),
  network: z
    .strictObject({
      /** Blocks that pods and nodes have their addresses from: a policy with a block reaches those that lie in it. Private addresses where it is left out. */
      podCidrs: z.array(z.string().refine(isCidr, "is no CIDR")).default([]),
      nodeCidrs: z.array(z.string().refine(isCidr, "is no CIDR")).default([]),
    })
    .prefault({}),
  maxReviewBytes: z
    .int()
    .min(1024)
    .default(16 * 1024 * 1024),
  staleMillis: millis.default(60_000),
  landmarkMillis: millis.default(60_000),
  repairMillis: millis.default(5000),
  drainMillis: z.int().min(0).default(15_000),
  log: z.strictObject({ level: z.enum(["debug", "info", "warn", "error"]).default("info") }).prefault({}),
});

/** The configuration as a JSON Schema (draft-07), for whatever writes the file; defaults may be left out. */
export function configurationJsonSchema(): object {
  return z.toJSONSchema(schema, { target: "draft-7", io: "input" });
}

export type Configuration = Readonly<z.infer<typeof schema>> & { readonly labels: { readonly keys: typeof defaultLabelKeys } };

/**
 * Reads, completes, validates and freezes the configuration (YAML or JSON).
 *
 * @throws FirebreakError FBR_CONFIG_UNREADABLE, FBR_CONFIG_INVALID with every field that is wrong.
 */
export async function loadConfiguration(path: string): Promise<Configuration> {
  let raw: unknown;
  try {
    raw = parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new FirebreakError("FBR_CONFIG_UNREADABLE", `${path}: ${messageOf(cause)}`, { cause });
  }
  return completeConfiguration(raw, path);
}

export function completeConfiguration(raw: unknown, origin: string): Configuration {
  const parsed = schema.safeParse(raw);
  if (!parsed.success) throw new FirebreakError("FBR_CONFIG_INVALID", `${origin}:\n${z.prettifyError(parsed.error)}`);
  const { labels, excludedNamespaces, ...rest } = parsed.data;
  const own = parsed.data.namespace;
  return deepFreeze({
    ...rest,
    labels: { sources: labels.sources, enclaves: labels.enclaves, keys: { ...defaultLabelKeys, ...labels.keys } },
    excludedNamespaces: excludedNamespaces.includes(own) ? excludedNamespaces : [...excludedNamespaces, own],
  }) as Configuration;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    for (const child of Object.values(value)) deepFreeze(child);
    Object.freeze(value);
  }
  return value;
}
