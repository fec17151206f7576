/** The reviews that are sent: a Pod of 2.6 kB and a NetworkPolicy of 1.5 kB, as an API server wraps them. */
export interface ReviewCase {
  readonly name: string;
  readonly body: Buffer;
}

function container(index: number): object {
  return {
    name: `app-${index}`,
    image: `registry.example/team/app-${index}@sha256:${"0123456789abcdef".repeat(4)}`,
    imagePullPolicy: "IfNotPresent",
    ports: [
      { name: "http", containerPort: 8080 + index, protocol: "TCP" },
      { name: "metrics", containerPort: 9090 + index, protocol: "TCP" },
    ],
    env: ["LOG_LEVEL", "REGION", "DATABASE_HOST", "DATABASE_PORT"].map((name) => ({ name, value: `${name.toLowerCase()}-value` })),
    resources: { limits: { cpu: "500m", memory: "256Mi" }, requests: { cpu: "100m", memory: "128Mi" } },
    livenessProbe: { httpGet: { path: "/healthz", port: "http", scheme: "HTTP" }, periodSeconds: 10, timeoutSeconds: 1, failureThreshold: 3 },
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsNonRoot: true, capabilities: { drop: ["ALL"] } },
    volumeMounts: [{ name: "kube-api-access", readOnly: true, mountPath: "/var/run/secrets/kubernetes.io/serviceaccount" }],
  };
}

const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    generateName: "web-7d9c5b8f6d-",
    namespace: "shop",
    labels: {
      app: "web",
      "app.kubernetes.io/name": "web",
      "app.kubernetes.io/component": "frontend",
      "firebreak.dev/tenant": "acme",
      "firebreak.dev/owner": "pay",
      "pod-template-hash": "7d9c5b8f6d",
    },
    annotations: { "prometheus.io/scrape": "true", "checksum/config": "0123456789abcdef0123456789abcdef" },
    ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "web-7d9c5b8f6d", uid: "5a1f0a61-1111-4222-8333-444455556666", controller: true }],
  },
  spec: {
    containers: [container(0), container(1)],
    restartPolicy: "Always",
    dnsPolicy: "ClusterFirst",
    serviceAccountName: "web",
    schedulerName: "default-scheduler",
    tolerations: [{ key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 }],
    volumes: [{ name: "kube-api-access", projected: { defaultMode: 420, sources: [{ serviceAccountToken: { expirationSeconds: 3607, path: "token" } }] } }],
  },
};

const peers = Array.from({ length: 5 }, (_, index) => ({
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": `team-${index}` } },
  podSelector: { matchLabels: { "firebreak.dev/app": `client-${index}`, "app.kubernetes.io/component": "api" } },
}));
const networkPolicy = {
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name: "web", namespace: "shop", labels: { app: "web" } },
  spec: {
    podSelector: { matchLabels: { app: "web" } },
    policyTypes: ["Ingress", "Egress"],
    ingress: [{ from: peers, ports: [{ protocol: "TCP", port: 8080 }] }],
    egress: [
      { to: [{ ipBlock: { cidr: "10.20.0.0/16", except: ["10.20.9.0/24"] } }], ports: [{ protocol: "TCP", port: 5432 }] },
      {
        to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } } }],
        ports: [
          { protocol: "UDP", port: 53 },
          { protocol: "TCP", port: 53 },
        ],
      },
    ],
  },
};

function review(
  object: { readonly apiVersion: string; readonly kind: string; readonly metadata: { readonly name?: string; readonly namespace: string } },
  resource: string,
): Buffer {
  const [group = "", version = ""] = object.apiVersion.includes("/") ? object.apiVersion.split("/") : ["", object.apiVersion];
  const request = {
    uid: "705ab4f5-6393-11e8-b7cc-42010a800002",
    kind: { group, version, kind: object.kind },
    resource: { group, version, resource },
    requestKind: { group, version, kind: object.kind },
    requestResource: { group, version, resource },
    namespace: "shop",
    ...(object.metadata.name === undefined ? {} : { name: object.metadata.name }),
    operation: "CREATE",
    userInfo: { username: "system:serviceaccount:kube-system:replicaset-controller", groups: ["system:serviceaccounts", "system:authenticated"] },
    object,
    oldObject: null,
    dryRun: false,
    options: { kind: "CreateOptions", apiVersion: "meta.k8s.io/v1" },
  };
  return Buffer.from(JSON.stringify({ kind: "AdmissionReview", apiVersion: "admission.k8s.io/v1", request }));
}

export const podReview: ReviewCase = { name: "Pod", body: review(pod, "pods") };
export const policyReview: ReviewCase = { name: "NetworkPolicy", body: review(networkPolicy, "networkpolicies") };
export const sizes = { pod: JSON.stringify(pod).length, networkPolicy: JSON.stringify(networkPolicy).length };
