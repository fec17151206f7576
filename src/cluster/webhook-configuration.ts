import { modeKey, protectedNamespaceKeys, protectedWorkloadKeys, quarantineKey } from "../model/segmentation-labels.ts";
import { apiServerIngressPrefix, defaultDenyName } from "../segmentation/default-deny.ts";
import type { JudgedResource } from "./judged-resources.ts";
import type { ClusterSettings } from "./settings.ts";

/** Both configurations bear the product's name. */
export const webhookConfigurationName = "firebreak";

/** Where the API server calls: a Service of the cluster, or an address (for a Firebreak that runs outside of it). */
export type Endpoint = { readonly service: { readonly namespace: string; readonly name: string; readonly port: number } } | { readonly url: string };

export interface WebhookConfigurationInput {
  readonly settings: ClusterSettings;
  readonly endpoint: Endpoint;
  readonly caBundle: string;
  readonly owner: { readonly name: string; readonly uid: string };
  /** What rule packs judge; what the entries below send anyway is not sent twice. */
  readonly judged: readonly JudgedResource[];
}

type Kind = "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration";

interface Entry {
  readonly name: string;
  readonly path: string;
  readonly failurePolicy: keyof typeof timeouts;
  readonly rules: readonly object[];
  readonly namespaceSelector?: object;
  readonly matchConditions?: readonly { readonly name: string; readonly expression: string }[];
}

/**
 * Seconds that the API server waits, by failurePolicy. 10 s, its own default, where the answer must come: a pod's review may
 * wait for its default deny to be stored, which takes two round trips through an API server that is perhaps busy. 3 s where it
 * goes on without us: a Firebreak that hangs must not make every write of an observed namespace slow.
 */
const timeouts = { Fail: 10, Ignore: 3 } as const;

/** The two objects that register Firebreak with the API server, every field written out so that it can be compared. */
export function webhookConfigurations(input: WebhookConfigurationInput): { readonly kind: Kind; readonly object: WebhookConfiguration }[] {
  return [
    { kind: "MutatingWebhookConfiguration", object: configuration("MutatingWebhookConfiguration", mutatingEntries(input.settings), input) },
    {
      kind: "ValidatingWebhookConfiguration",
      object: configuration("ValidatingWebhookConfiguration", [...validatingEntries(input.settings), ...packEntries(input)], input),
    },
  ];
}

export interface WebhookConfiguration {
  readonly apiVersion: string;
  readonly kind: Kind;
  readonly metadata: { readonly name: string; readonly labels: object; readonly ownerReferences: readonly object[] };
  readonly webhooks: readonly { readonly name: string; readonly clientConfig: { readonly caBundle: string } }[];
}

function configuration(kind: Kind, entries: readonly Entry[], { endpoint, caBundle, owner }: WebhookConfigurationInput): WebhookConfiguration {
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind,
    metadata: {
      name: webhookConfigurationName,
      labels: { "app.kubernetes.io/name": "firebreak", "app.kubernetes.io/managed-by": "firebreak" },
      ownerReferences: [{ apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", name: owner.name, uid: owner.uid }],
    },
    webhooks: entries.map(({ path, ...entry }) => ({
      ...entry,
      clientConfig: { ...clientConfig(endpoint, path), caBundle: Buffer.from(caBundle).toString("base64") },
      namespaceSelector: entry.namespaceSelector ?? {},
      objectSelector: {},
      matchConditions: entry.matchConditions ?? [],
      matchPolicy: "Equivalent",
      sideEffects: "NoneOnDryRun",
      timeoutSeconds: timeouts[entry.failurePolicy],
      admissionReviewVersions: ["v1"],
      ...(kind === "MutatingWebhookConfiguration" ? { reinvocationPolicy: "IfNeeded" } : {}),
    })),
  };
}

function clientConfig(endpoint: Endpoint, path: string): object {
  return "url" in endpoint ? { url: endpoint.url + path } : { service: { ...endpoint.service, path } };
}

function mutatingEntries(settings: ClusterSettings): Entry[] {
  const rules = [
    rule("", ["pods"], ["CREATE"]),
    rule("apps", ["deployments", "statefulsets", "daemonsets"], ["CREATE", "UPDATE"]),
    rule("batch", ["jobs"], ["CREATE"]),
    rule("batch", ["cronjobs"], ["CREATE", "UPDATE"]),
  ];
  const protectedKeys = protectedNamespaceKeys(settings.scheme);
  return [
    {
      name: "own-kinds.mutate.firebreak.dev",
      path: "/mutate",
      failurePolicy: "Fail",
      rules: [ownKinds(["exemptions", "exemptionapprovals", "breakglasses", "flowcontracts", "flowcontractapprovals"], ["CREATE", "UPDATE"])],
    },
    { name: "enforce.mutate.firebreak.dev", path: "/mutate", failurePolicy: "Fail", rules, namespaceSelector: selectMode(settings, "In", ["enforce"]) },
    { name: "stage.mutate.firebreak.dev", path: "/mutate/observe", failurePolicy: "Ignore", rules, namespaceSelector: selectMode(settings, "In", ["stage"]) },
    {
      name: "namespaces.mutate.firebreak.dev",
      path: "/mutate",
      failurePolicy: "Fail",
      rules: [rule("", ["namespaces"], ["CREATE", "UPDATE"], "Cluster")],
      // Only a birth or a change of these labels: an old namespace with a tenant must not depend on us for every annotation.
      matchConditions: [
        notExcluded(settings),
        labelsDiffer([...protectedKeys, modeKey]),
        {
          name: "segmented-without-a-mode",
          expression: `${cel(protectedKeys)}.exists(key, ${hasKey("object", "key")}) && !${hasKey("object", JSON.stringify(modeKey))}`,
        },
      ],
    },
  ];
}

function validatingEntries(settings: ClusterSettings): Entry[] {
  const rules = [
    rule("", ["pods"], ["CREATE"]),
    rule("", ["pods/ephemeralcontainers"], ["UPDATE"]),
    rule("", ["replicationcontrollers", "podtemplates"], ["CREATE", "UPDATE"]),
    rule("apps", ["deployments", "statefulsets", "daemonsets", "replicasets"], ["CREATE", "UPDATE"]),
    rule("batch", ["jobs", "cronjobs"], ["CREATE", "UPDATE"]),
    custom("kubevirt.io", ["virtualmachines", "virtualmachineinstances"], ["CREATE", "UPDATE"]),
    ...entryRules(),
    ...policyRules("Namespaced"),
  ];
  const workloadKeys = protectedWorkloadKeys(settings.scheme).filter((key) => key !== settings.scheme.keys.app);
  const namespaceKeys = [...protectedNamespaceKeys(settings.scheme), modeKey];
  const everywhere = { matchExpressions: [notExcludedExpression(settings)] };
  const open = { path: "/validate/observe", failurePolicy: "Ignore" } as const;
  const matchConditions = [notOurOwnPolicy(settings)];
  return [
    {
      name: "enforce.validate.firebreak.dev",
      path: "/validate",
      failurePolicy: "Fail",
      rules,
      namespaceSelector: selectMode(settings, "In", ["enforce"]),
      matchConditions,
    },
    {
      name: "observe.validate.firebreak.dev",
      path: "/validate/observe",
      failurePolicy: "Ignore",
      rules,
      namespaceSelector: selectMode(settings, "NotIn", ["enforce"]),
      matchConditions,
    },
    {
      name: "namespaces.validate.firebreak.dev",
      path: "/validate",
      failurePolicy: "Fail",
      rules: [rule("", ["namespaces"], ["CREATE", "UPDATE"], "Cluster"), rule("", ["namespaces/status", "namespaces/finalize"], ["UPDATE"], "Cluster")],
      // No exclusion by name: a namespace that is not there yet could be born under an excluded name, with somebody's tenant.
      matchConditions: [notOurselves(settings), labelsDiffer(namespaceKeys)],
    },
    // Any other label may be what a policy or a security domain selects by: what the move opens is judged.
    {
      name: "moves.validate.firebreak.dev",
      path: "/validate",
      failurePolicy: "Fail",
      rules: [rule("", ["namespaces"], ["UPDATE"], "Cluster")],
      namespaceSelector: selectMode(settings, "In", ["enforce"]),
      matchConditions: [notOurselves(settings), relabelled, ...without(labelsDiffer(namespaceKeys))],
    },
    {
      name: "observed-moves.validate.firebreak.dev",
      ...open,
      // What is born without any of the keys above may lack some that rules require.
      rules: [rule("", ["namespaces"], ["CREATE", "UPDATE"], "Cluster")],
      namespaceSelector: selectMode(settings, "NotIn", ["enforce"]),
      matchConditions: [notOurselves(settings), relabelled, ...without(labelsDiffer(namespaceKeys))],
    },
    {
      name: "labels.validate.firebreak.dev",
      path: "/validate",
      failurePolicy: "Fail",
      rules: [rule("", ["pods", "pods/status"], ["UPDATE"])],
      namespaceSelector: everywhere,
      matchConditions: [labelsDiffer([...workloadKeys, quarantineKey])],
    },
    {
      name: "bindings.validate.firebreak.dev",
      path: "/validate",
      failurePolicy: "Fail",
      rules: [rule("", ["pods/binding", "bindings"], ["CREATE"])],
      namespaceSelector: everywhere,
      matchConditions: [labelsDiffer(workloadKeys)],
    },
    {
      name: "cluster-policies.validate.firebreak.dev",
      ...(settings.clusterMode === "enforce" ? ({ path: "/validate", failurePolicy: "Fail" } as const) : open),
      rules: policyRules("Cluster"),
    },
    {
      name: "own-kinds.validate.firebreak.dev",
      path: "/validate",
      failurePolicy: "Fail",
      rules: [
        ownKinds(
          ["rulepacks", "exemptions", "exemptionapprovals", "breakglasses", "securitydomains", "flowcontracts", "flowcontractapprovals"],
          ["CREATE", "UPDATE", "DELETE"],
        ),
      ],
    },
    // From here on a Firebreak that does not answer never stands in the way. An API server writes its own cluster roles before
    // it is ready; a release is uninstalled when its replicas are dead; a session in a pod is what one debugs a cluster with.
    { name: "rbac.validate.firebreak.dev", ...open, rules: rbacRules("Namespaced"), namespaceSelector: everywhere },
    {
      name: "cluster-rbac.validate.firebreak.dev",
      ...open,
      rules: [...rbacRules("Cluster"), rule("apiextensions.k8s.io", ["customresourcedefinitions"], ["UPDATE", "DELETE"], "Cluster")],
      matchConditions: [
        notOurselves(settings),
        {
          name: "judged",
          expression: `request.resource.resource == "customresourcedefinitions" ? ${requestName}.endsWith(".firebreak.dev") : request.operation != "DELETE" || ${requestName}.startsWith("firebreak")`,
        },
      ],
    },
    {
      name: "namespace-switches.validate.firebreak.dev",
      ...open,
      rules: [rule("", ["namespaces"], ["CREATE", "UPDATE"], "Cluster")],
      matchConditions: [notExcluded(settings), { name: "switches-differ", expression: switchesDiffer }],
    },
    {
      name: "endpoints.validate.firebreak.dev",
      ...open,
      rules: [rule("", ["endpoints"], ["CREATE", "UPDATE"]), rule("discovery.k8s.io", ["endpointslices"], ["CREATE", "UPDATE"])],
      namespaceSelector: everywhere,
      // Those of Services are written by controllers, many times a second in a large cluster: only what somebody writes by hand is judged.
      matchConditions: [
        {
          name: "written-by-hand",
          expression: `!request.userInfo.username.startsWith("system:serviceaccount:kube-system:endpoint") && request.userInfo.username != "system:kube-controller-manager"`,
        },
      ],
    },
    { name: "sessions.validate.firebreak.dev", ...open, rules: [rule("", ["pods/exec", "pods/attach"], ["CONNECT"])], namespaceSelector: everywhere },
    {
      name: "resolver.validate.firebreak.dev",
      ...open,
      rules: [rule("", ["configmaps"], ["UPDATE", "DELETE"])],
      matchConditions: [
        { name: "resolver-configuration", expression: `(request.namespace + "/" + ${requestName}) in ${cel([...settings.resolverConfigurations].sort())}` },
      ],
    },
  ];
}

/** A label that is not among those of another entry: with that one's condition turned round, nothing is asked twice. */
const relabelled = {
  name: "labels-differ",
  expression:
    "oldObject == null || (has(object.metadata.labels) ? object.metadata.labels : {}) != (has(oldObject.metadata.labels) ? oldObject.metadata.labels : {})",
};

function without({ name, expression }: { readonly name: string; readonly expression: string }) {
  return [{ name: `not-${name}`, expression: `!(${expression})` }];
}

/** For rules of packs about kinds that nothing above sends; a Pod's removal is never sent. */
function packEntries({ settings, judged }: WebhookConfigurationInput): Entry[] {
  const sent = new Set(validatingEntries(settings).flatMap((entry) => entry.rules.flatMap(sentBy)));
  const rules = (namespaced: boolean) =>
    judged
      .filter((one) => one.namespaced === namespaced && !(one.group === "" && ["pods", "namespaces"].includes(one.resource)))
      .map((one) => ({ ...one, operations: one.operations.filter((operation) => !sent.has(`${operation} ${one.group}/${one.resource}`)) }))
      .filter(({ operations }) => operations.length > 0)
      .map(({ group, version, resource, operations }) => ({
        ...rule(group, [resource], operations, namespaced ? "Namespaced" : "Cluster"),
        apiVersions: [version],
      }));
  const [inNamespaces, ofCluster] = [rules(true), rules(false)];
  const open = { path: "/validate/observe", failurePolicy: "Ignore" } as const;
  return [
    ...(inNamespaces.length === 0
      ? []
      : [
          {
            name: "enforce.packs.firebreak.dev",
            path: "/validate",
            failurePolicy: "Fail",
            rules: inNamespaces,
            namespaceSelector: selectMode(settings, "In", ["enforce"]),
          } as const,
          { name: "observe.packs.firebreak.dev", ...open, rules: inNamespaces, namespaceSelector: selectMode(settings, "NotIn", ["enforce"]) },
        ]),
    // What belongs to the cluster is what it comes up with: without an answer it goes on.
    ...(ofCluster.length === 0 ? [] : [{ name: "cluster.packs.firebreak.dev", ...open, rules: ofCluster, matchConditions: [notOurselves(settings)] }]),
  ];
}

function sentBy(one: object): string[] {
  const { apiGroups, resources, operations } = one as { apiGroups: string[]; resources: string[]; operations: string[] };
  return apiGroups.flatMap((group) => resources.flatMap((resource) => operations.map((operation) => `${operation} ${group}/${resource}`)));
}

/** Ways in from outside of the cluster. */
function entryRules() {
  const operations = ["CREATE", "UPDATE"];
  return [
    rule("", ["services"], operations),
    rule("networking.k8s.io", ["ingresses"], operations),
    custom("gateway.networking.k8s.io", ["gateways", "httproutes", "grpcroutes", "tlsroutes", "tcproutes", "udproutes"], operations),
    custom("route.openshift.io", ["routes"], operations),
  ];
}

/** Network policies of every dialect. An API server accepts rules for groups that it does not serve. */
function policyRules(scope: "Namespaced" | "Cluster") {
  const operations = ["CREATE", "UPDATE", "DELETE"];
  const calico = ["crd.projectcalico.org", "projectcalico.org"];
  if (scope === "Namespaced") {
    return [
      rule("networking.k8s.io", ["networkpolicies"], operations),
      ...calico.map((group) => custom(group, ["networkpolicies", "networksets"], operations)),
      custom("cilium.io", ["ciliumnetworkpolicies"], operations),
      custom("security.istio.io", ["peerauthentications", "authorizationpolicies"], operations),
      custom("networking.istio.io", ["destinationrules"], operations),
      custom("policy.linkerd.io", ["servers", "serverauthorizations", "authorizationpolicies", "meshtlsauthentications", "networkauthentications"], operations),
    ];
  }
  return [
    custom("policy.networking.k8s.io", ["clusternetworkpolicies", "adminnetworkpolicies", "baselineadminnetworkpolicies"], operations, scope),
    ...calico.map((group) => custom(group, ["tiers", "globalnetworkpolicies", "hostendpoints", "felixconfigurations"], operations, scope)),
    custom("cilium.io", ["ciliumclusterwidenetworkpolicies"], operations, scope),
  ];
}

function rbacRules(scope: "Namespaced" | "Cluster") {
  const group = "rbac.authorization.k8s.io";
  if (scope === "Namespaced") return [rule(group, ["roles", "rolebindings"], ["CREATE", "UPDATE"])];
  return [rule(group, ["clusterroles", "clusterrolebindings"], ["CREATE", "UPDATE", "DELETE"], scope)];
}

function ownKinds(resources: readonly string[], operations: readonly string[]) {
  return { ...rule("firebreak.dev", resources, operations, "Cluster"), apiVersions: ["v1alpha1"] };
}

/** Kinds of other projects: every version that is served, because a conversion to another one is not ours to ask for. */
function custom(group: string, resources: readonly string[], operations: readonly string[], scope = "Namespaced") {
  return { ...rule(group, resources, operations, scope), apiVersions: ["*"] };
}

function rule(group: string, resources: readonly string[], operations: readonly string[], scope = "Namespaced") {
  return { apiGroups: [group], apiVersions: ["v1"], resources, operations, scope };
}

function selectMode(settings: ClusterSettings, operator: "In" | "NotIn", values: readonly string[]) {
  return { matchExpressions: [{ key: modeKey, operator, values }, notExcludedExpression(settings)] };
}

function notExcludedExpression({ excludedNamespaces }: ClusterSettings) {
  return { key: "kubernetes.io/metadata.name", operator: "NotIn", values: [...excludedNamespaces].sort() };
}

/**
 * Under generateName there is no name yet, and an expression that fails is a refusal; one object of a deletecollection has an
 * empty name, and only the old object knows it.
 */
const requestName = '(has(request.name) && request.name != "" ? request.name : (oldObject != null ? oldObject.metadata.name : ""))';

/** A Namespace has no namespaceSelector of its own that could be trusted: it would be evaluated on the new labels. */
function notExcluded({ excludedNamespaces }: ClusterSettings) {
  return { name: "not-excluded", expression: `!(${requestName} in ${cel([...excludedNamespaces].sort())})` };
}

function notOurselves(settings: ClusterSettings) {
  return { name: "not-by-firebreak", expression: `request.userInfo.username != ${JSON.stringify(userOf(settings))}` };
}

/** Our own writes of our reserved names must not call us: they are made while a review of ours waits for them. */
function notOurOwnPolicy(settings: ClusterSettings) {
  const reserved = `(${requestName} == ${JSON.stringify(defaultDenyName)} || ${requestName}.startsWith(${JSON.stringify(apiServerIngressPrefix)}))`;
  return {
    name: "not-our-own-policy",
    expression: `!(request.userInfo.username == ${JSON.stringify(userOf(settings))} && request.resource.resource == "networkpolicies" && ${reserved})`,
  };
}

function userOf({ namespace, serviceAccount }: ClusterSettings): string {
  return `system:serviceaccount:${namespace}:${serviceAccount}`;
}

/** Labels and annotations of a namespace that switch a mesh or a quarantine. */
const switchesDiffer = [
  { field: "labels", keys: [quarantineKey, "istio-injection", "istio.io/dataplane-mode"] },
  { field: "annotations", keys: ["linkerd.io/inject", "config.linkerd.io/default-inbound-policy"] },
]
  .map(({ field, keys }) => `${cel(keys)}.exists(key, ${valueIn("object", field)} != ${valueIn("oldObject", field)})`)
  .join(" || ");

/** No label value holds `<`: an absent key differs from every value, the empty one too. */
function labelsDiffer(keys: readonly string[]) {
  const expression = `${cel(keys)}.exists(key, ${valueIn("object", "labels")} != ${valueIn("oldObject", "labels")})`;
  return { name: "protected-labels-differ", expression };
}

function valueIn(side: "object" | "oldObject", field: string): string {
  return `(${hasKey(side, "key", field)} ? ${side}.metadata.${field}[key] : "<absent>")`;
}

function hasKey(side: "object" | "oldObject", key: string, field = "labels"): string {
  return `(${side} != null && has(${side}.metadata.${field}) && ${key} in ${side}.metadata.${field})`;
}

function cel(values: readonly string[]): string {
  return JSON.stringify(values);
}
