/** The manifests of the quickstart's story, as its people would write them. */
export function namespace(name: string, tenant?: string): string {
  const labels = tenant === undefined ? "" : `\n  labels: {firebreak.dev/tenant: ${tenant}, team: ${tenant}-web}`;
  return `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${name}${labels}\n`;
}

export const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web, app.kubernetes.io/component: frontend}
    spec:
      containers: [{name: web, image: registry.example/web:1}]
`;

function policy(name: string, spec: string): string {
  return `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: ${name}}\nspec:\n${spec}`;
}

export const policies = {
  good: policy(
    "web-from-gateway",
    `  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress]
  ingress:
    - from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: gateway}}}]
      ports: [{protocol: TCP, port: 8080}]
`,
  ),
  world: policy(
    "world",
    `  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to: [{ipBlock: {cidr: 0.0.0.0/0, except: [169.254.0.0/16, 100.100.100.200/32]}}]
      ports: [{protocol: TCP, port: 443}]
`,
  ),
  halves: policy(
    "halves",
    `  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to: [{ipBlock: {cidr: 0.0.0.0/1, except: [100.100.100.200/32]}}]
      ports: [{protocol: TCP, port: 443}]
    - to: [{ipBlock: {cidr: 128.0.0.0/1, except: [169.254.0.0/16]}}]
      ports: [{protocol: TCP, port: 443}]
`,
  ),
  everybody: policy(
    "everybody",
    `  podSelector: {}
  ingress: [{}]
`,
  ),
};

function pod(name: string, labels: string, container: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n  labels: {app.kubernetes.io/component: tool${labels}}\nspec:\n  containers:\n    - {name: tool, image: registry.example/tool:1${container}}\n`;
}

export const pods = {
  impostor: pod("impostor", ", firebreak.dev/tenant: globex", ""),
  sniffer: pod("sniffer", "", ", securityContext: {capabilities: {add: [NET_ADMIN]}}"),
  legacy: pod("legacy", "", ", securityContext: {capabilities: {add: [NET_ADMIN]}}"),
};
