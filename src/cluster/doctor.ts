import { X509Certificate } from "node:crypto";
import { messageOf } from "../model/errors.ts";
import type { Examination, Finding } from "../model/examination.ts";
import { modeOf } from "../model/mode.ts";
import type { RulePack } from "../model/rule-pack.ts";
import { protectedNamespaceKeys } from "../model/segmentation-labels.ts";
import { customVerbs, mayUser } from "./access.ts";
import { type ApiClient, absent } from "./api-client.ts";
import { guardedNodeNeeds } from "./node-needs.ts";
import type { ClusterSettings } from "./settings.ts";
import { webhookConfigurationName } from "./webhook-configuration.ts";

interface Named {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string>; readonly creationTimestamp?: string };
}

/** matchConditions of webhooks are stable from 1.30 on (KEP-3716); older API servers ignore them or refuse the configuration. */
const oldestMinor = 30;

const day = 24 * 3_600_000;

/** Network plugins by the DaemonSet that they run, and whether they enforce NetworkPolicy. */
const plugins: readonly (readonly [daemonSet: string, name: string, enforces: "yes" | "no" | "optional"])[] = [
  ["calico-node", "Calico", "yes"],
  ["canal", "Canal", "yes"],
  ["cilium", "Cilium", "yes"],
  ["antrea-agent", "Antrea", "yes"],
  ["kube-router", "kube-router", "yes"],
  ["ovnkube-node", "OVN-Kubernetes", "yes"],
  ["weave-net", "Weave Net", "yes"],
  ["kindnet", "kindnet", "yes"],
  ["azure-npm", "Azure NPM", "yes"],
  ["aws-node", "Amazon VPC CNI", "optional"],
  ["kube-flannel-ds", "Flannel", "no"],
];

/** Looks at a cluster and at Firebreak in it, with the permissions of whoever asks. Changes nothing: what it creates is a dry run. */
export async function examineCluster(api: ApiClient, settings: ClusterSettings, now: () => Date): Promise<Examination[]> {
  const examinations: readonly (readonly [name: string, look: () => Promise<Finding>])[] = [
    ["cluster version", () => clusterVersion(api)],
    ["webhooks", () => webhooks(api)],
    ["webhook answers", () => webhookAnswers(api, settings)],
    ["replicas", () => replicas(api, settings)],
    ["rule packs", () => rulePacks(api)],
    ["certificates", () => certificates(api, now)],
    ["clock", () => clock(api, now)],
    ["permissions", () => permissions(api, settings)],
    ["network plugin", () => networkPlugin(api, settings)],
    ["DNS", () => dns(api, settings)],
    ["API server addresses", () => apiServerAddresses(api)],
    ["host network", () => hostNetwork(api, settings)],
    ["exclusions", () => exclusions(api, settings)],
    ["what nodes need", () => nodeNeeds(api, settings)],
  ];
  return Promise.all(
    examinations.map(async ([name, look]) => {
      try {
        return { name, ...(await look()) };
      } catch (thrown) {
        return { name, status: "unknown" as const, detail: messageOf(thrown) };
      }
    }),
  );
}

async function rulePacks(api: ApiClient): Promise<Finding> {
  const found = await api.list<RulePack>("/apis/firebreak.dev/v1alpha1/rulepacks").catch(absent);
  if (found === undefined)
    return {
      status: "warn",
      detail: "RulePack is not installed",
      fix: "apply the chart's crds/: an upgrade by Helm leaves custom resource definitions as they are",
    };
  const amiss = found.flatMap(({ metadata, status }) => {
    const active = status?.conditions?.find(({ type }) => type === "Active");
    return active?.reason === "InForce" ? [] : [`${metadata?.name}: ${active === undefined ? "nobody worked on it" : active.message}`];
  });
  if (amiss.length === 0) return { status: "ok", detail: `${found.length} in force` };
  return { status: "warn", detail: amiss.join("; ").slice(0, 500), fix: "kubectl describe rulepack, and give the pack a revision that passes" };
}

async function clusterVersion(api: ApiClient): Promise<Finding> {
  const version = await api.get<{ gitVersion: string; minor: string }>("/version").catch(messageOf);
  if (typeof version === "string") return { status: "fail", detail: version, fix: "point KUBECONFIG at a cluster that answers" };
  const { gitVersion, minor } = version;
  const supported = Number.parseInt(minor, 10) >= oldestMinor;
  if (supported) return { status: "ok", detail: gitVersion };
  return { status: "fail", detail: gitVersion, fix: `Firebreak needs Kubernetes 1.${oldestMinor} or later` };
}

interface WebhookConfiguration {
  readonly webhooks?: readonly { readonly name: string; readonly failurePolicy: string; readonly clientConfig: { readonly caBundle?: string } }[];
}

async function configurations(api: ApiClient): Promise<WebhookConfiguration[]> {
  const base = "/apis/admissionregistration.k8s.io/v1";
  const found = await Promise.all(
    ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"].map((kind) =>
      api.get<WebhookConfiguration>(`${base}/${kind}/${webhookConfigurationName}`).catch(absent),
    ),
  );
  return found.filter((one) => one !== undefined);
}

async function webhooks(api: ApiClient): Promise<Finding> {
  const found = await configurations(api);
  const entries = found.flatMap((one) => one.webhooks ?? []);
  if (found.length === 2) return { status: "ok", detail: `${entries.length} entries in 2 configurations` };
  return {
    status: "fail",
    detail: `${found.length} of 2 webhook configurations are there: nothing is guarded`,
    fix: "look at the mode (ConfigMap firebreak-mode) and at the log of the leading replica",
  };
}

/** A namespace with a protected label is asked for as a dry run: the entry for it fails closed, so a webhook that is not reached shows. */
async function webhookAnswers(api: ApiClient, { scheme }: ClusterSettings): Promise<Finding> {
  if ((await configurations(api)).length === 0) return { status: "unknown", detail: "no webhook is registered" };
  const labels = { [protectedNamespaceKeys(scheme)[0] ?? ""]: "firebreak-doctor" };
  const body = { apiVersion: "v1", kind: "Namespace", metadata: { generateName: "firebreak-doctor-", labels } };
  try {
    await api.call("POST", "/api/v1/namespaces", { query: { dryRun: "All" }, body });
    return { status: "ok", detail: "the API server reaches it" };
  } catch (thrown) {
    const message = messageOf(thrown);
    if (message.includes("SEG-ID-004")) return { status: "ok", detail: "the API server reaches it" };
    if (message.includes("failed calling webhook"))
      return { status: "fail", detail: message, fix: "look at the Service, its endpoints, and at policies between the API server and Firebreak" };
    return { status: "unknown", detail: message };
  }
}

async function replicas(api: ApiClient, { namespace }: ClusterSettings): Promise<Finding> {
  const slices = await api.list<{ endpoints?: { conditions?: { ready?: boolean } }[] | null }>(
    `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
    {
      labelSelector: "kubernetes.io/service-name=firebreak",
    },
  );
  const ready = slices.flatMap(({ endpoints }) => endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false).length;
  if (ready === 0) return { status: "warn", detail: `no ready endpoint behind the Service firebreak in ${namespace}`, fix: "look at the pods of Firebreak" };
  if (ready === 1) return { status: "warn", detail: "one ready replica: its restart stops writes in enforced namespaces", fix: "run two" };
  return { status: "ok", detail: `${ready} ready` };
}

async function certificates(api: ApiClient, now: () => Date): Promise<Finding> {
  const bundles = (await configurations(api)).flatMap((one) => one.webhooks ?? []).map(({ clientConfig }) => clientConfig.caBundle ?? "");
  const texts = [...new Set(bundles)].map((bundle) => Buffer.from(bundle, "base64").toString("utf8"));
  const all = texts.flatMap((text) => text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []);
  if (all.length === 0) return { status: "unknown", detail: "no CA bundle is registered" };
  // A bundle holds the next authority beside the old one: the one that lives longest counts.
  const until = Math.max(...all.map((text) => Date.parse(new X509Certificate(text).validTo)));
  const left = until - now().getTime();
  const detail = `the authority is valid until ${new Date(until).toISOString()}`;
  if (left <= 0) return { status: "fail", detail, fix: "the certificate has expired: restart a replica, or renew the files it is given" };
  return left < 7 * day ? { status: "warn", detail, fix: "it should have been renewed by now: look for the alarm certificate" } : { status: "ok", detail };
}

/** The API server's own time is what it stamps on the answer to a dry run. */
async function clock(api: ApiClient, now: () => Date): Promise<Finding> {
  const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { generateName: "firebreak-doctor-" } };
  const { metadata } = await api.call<Named>("POST", "/api/v1/namespaces/default/configmaps", { query: { dryRun: "All" }, body });
  const skew = Math.round((now().getTime() - Date.parse(metadata.creationTimestamp ?? "")) / 1000);
  if (Math.abs(skew) <= 5) return { status: "ok", detail: "within 5 s of the API server" };
  return {
    status: Math.abs(skew) > 60 ? "fail" : "warn",
    detail: `${skew} s from the API server's`,
    fix: "keep clocks by NTP: records and expiries rest on them",
  };
}

/** What Firebreak's ServiceAccount needs most, asked for it; the chart grants all of it. */
const needed: readonly (readonly [verb: string, group: string, resource: string])[] = [
  ["patch", "networking.k8s.io", "networkpolicies"],
  ["create", "networking.k8s.io", "networkpolicies"],
  ["watch", "", "namespaces"],
  ["patch", "", "namespaces"],
  ["list", "", "pods"],
  ["patch", "admissionregistration.k8s.io", "validatingwebhookconfigurations"],
  ["create", "authorization.k8s.io", "subjectaccessreviews"],
];

async function permissions(api: ApiClient, { namespace, serviceAccount }: ClusterSettings): Promise<Finding> {
  const user = { username: `system:serviceaccount:${namespace}:${serviceAccount}`, groups: ["system:serviceaccounts"], extra: {} };
  const answers = await Promise.all(
    needed.map(async ([verb, group, resource]) => {
      const name = group === "admissionregistration.k8s.io" ? webhookConfigurationName : "";
      return { what: `${verb} ${resource}`, may: await mayUser(api, user, { verb, group, resource }, name) };
    }),
  );
  const lacking = answers.filter(({ may }) => !may).map(({ what }) => what);
  if (lacking.length > 0)
    return { status: "fail", detail: `${user.username} may not ${lacking.join(", ")}`, fix: "install the chart's ClusterRole and its binding" };
  const verbs = Object.values(customVerbs).map(({ verb, resource, group }) => `${verb} ${resource}.${group}`);
  return { status: "ok", detail: `${user.username} has what it needs; custom verbs: ${verbs.join(", ")}` };
}

async function networkPlugin(api: ApiClient, { networkPlugin: declared }: ClusterSettings): Promise<Finding> {
  const daemonSets = await api.list<Named>("/apis/apps/v1/daemonsets");
  const found = plugins.filter(([daemonSet]) => daemonSets.some(({ metadata }) => metadata.name === daemonSet));
  const [, name, enforces] = found.find(([, , one]) => one === "yes") ?? found[0] ?? [];
  if (name === undefined) {
    if (declared?.enforces === true) return { status: "ok", detail: `${declared.name}, as declared` };
    return { status: "warn", detail: "no network plugin was recognised: nobody knows whether policies are enforced", fix: "declare it in networkPlugin" };
  }
  if (enforces === "yes") return { status: "ok", detail: name };
  if (enforces === "optional")
    return { status: "warn", detail: `${name} enforces policies only where that is switched on`, fix: "switch it on, and declare it in networkPlugin" };
  return { status: "fail", detail: `${name} does not enforce NetworkPolicy: default deny is stored and isolates nothing`, fix: "add a policy engine" };
}

async function dns(api: ApiClient, { dnsService }: ClusterSettings): Promise<Finding> {
  const path = `/api/v1/namespaces/${dnsService.namespace}/services/${dnsService.name}`;
  const service = await api.get<{ spec?: { selector?: object } }>(path).catch(absent);
  const where = `${dnsService.namespace}/${dnsService.name}`;
  if (service === undefined)
    return { status: "warn", detail: `there is no Service ${where}: the DNS allowance opens the usual pods`, fix: "name the resolver's Service in dnsService" };
  if (Object.keys(service.spec?.selector ?? {}).length === 0)
    return { status: "warn", detail: `Service ${where} selects no pods`, fix: "name the Service that does in dnsService" };
  const local = await api.get(`/apis/apps/v1/namespaces/${dnsService.namespace}/daemonsets/node-local-dns`).catch(absent);
  return { status: "ok", detail: `default deny opens ${where}${local === undefined ? "" : " and the node-local cache"}` };
}

async function apiServerAddresses(api: ApiClient): Promise<Finding> {
  const slices = await api.list<{ endpoints?: { addresses: string[] }[] | null }>("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices", {
    labelSelector: "kubernetes.io/service-name=kubernetes",
  });
  const addresses = slices.flatMap(({ endpoints }) => (endpoints ?? []).flatMap((one) => one.addresses));
  if (addresses.length === 0) return { status: "warn", detail: "default/kubernetes has no endpoints: the apiServer allowance opens nothing" };
  return { status: "ok", detail: `the apiServer allowance opens ${addresses.join(", ")}` };
}

interface ListedPod extends Named {
  readonly spec?: { readonly hostNetwork?: boolean };
}

async function hostNetwork(api: ApiClient, { excludedNamespaces }: ClusterSettings): Promise<Finding> {
  const pods = (await api.list<ListedPod>("/api/v1/pods")).filter(
    ({ spec, metadata }) => spec?.hostNetwork === true && !excludedNamespaces.has(metadata.namespace ?? ""),
  );
  if (pods.length === 0) return { status: "ok", detail: "no pod on the host network outside of excluded namespaces" };
  return {
    status: "warn",
    detail: `no policy limits or protects ${few(pods.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`))}`,
    fix: "see SEG-OP-001",
  };
}

async function exclusions(api: ApiClient, { excludedNamespaces, scheme }: ClusterSettings): Promise<Finding> {
  const namespaces = await api.list<Named>("/api/v1/namespaces");
  const excluded = namespaces.filter(({ metadata }) => excludedNamespaces.has(metadata.name));
  const claimed = excluded.filter(({ metadata }) => protectedNamespaceKeys(scheme).some((key) => metadata.labels?.[key] !== undefined));
  if (claimed.length > 0)
    return {
      status: "warn",
      detail: `excluded, and yet of a tenant or domain: ${few(claimed.map(({ metadata }) => metadata.name))}`,
      fix: "nothing is guarded there: take them off excludedNamespaces",
    };
  return { status: "ok", detail: `not guarded: ${few(excluded.map(({ metadata }) => metadata.name))}` };
}

async function nodeNeeds(api: ApiClient, { excludedNamespaces, scheme }: ClusterSettings): Promise<Finding> {
  const namespaces = new Map((await api.list<Named>("/api/v1/namespaces")).map((one) => [one.metadata.name, one.metadata]));
  const modeIn = (name: string) => {
    const metadata = namespaces.get(name);
    return metadata && { name, labels: metadata.labels ?? {}, terminating: false, mode: modeOf(scheme, metadata, new Date(0)) };
  };
  const guarded = await guardedNodeNeeds(api, modeIn, excludedNamespaces);
  if (guarded.length === 0) return { status: "ok", detail: "no DaemonSet that nodes need is in an enforced namespace" };
  return { status: "warn", detail: `while Firebreak is down, nodes cannot start ${few(guarded)}`, fix: "exclude these namespaces, or keep two replicas" };
}

function few(names: readonly string[]): string {
  const shown = 8;
  return names.length <= shown ? names.join(", ") : `${names.slice(0, shown).join(", ")} and ${names.length - shown} more`;
}
