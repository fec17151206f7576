/** Who acts in the test cluster. Each has a token; what they may do is in `rbac.ts`. */
export const identities = {
  admin: { user: "admin", groups: ["system:masters"] },
  controllers: { user: "system:kube-controller-manager", groups: [] },
  nodes: { user: "node-stand-in", groups: ["system:masters"] },
  /** A developer of the tenant "acme". */
  alice: { user: "alice", groups: ["acme-developers"] },
  /** A developer of the tenant "globex". */
  bob: { user: "bob", groups: ["globex-developers"] },
  platform: { user: "pat", groups: ["platform-team"] },
  /** May create namespaces, and nothing that Firebreak guards. */
  probe: { user: "namespace-creator", groups: ["namespace-creators"] },
  security: { user: "sam", groups: ["security-team"] },
} as const;

export type Identity = keyof typeof identities | "gitops" | "firebreak";

/** What the identities may do, as a cluster's owner would grant it: developers nothing outside their tenants' namespaces. */
export const rbac = `
apiVersion: v1
kind: Namespace
metadata: {name: gitops}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: deployer, namespace: gitops}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: tenant-developer}
rules:
  - {apiGroups: ["", apps, batch, networking.k8s.io], resources: ["*"], verbs: ["*"]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: developers}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: tenant-developer}
subjects:
  - {kind: Group, name: acme-developers, apiGroup: rbac.authorization.k8s.io}
  - {kind: Group, name: globex-developers, apiGroup: rbac.authorization.k8s.io}
  - {kind: ServiceAccount, name: deployer, namespace: gitops}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: platform-team}
rules:
  - {apiGroups: ["*"], resources: [namespaces, configmaps, pods, networkpolicies, isolationprofiles], verbs: ["*"]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: platform-team}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: platform-team}
subjects: [{kind: Group, name: platform-team, apiGroup: rbac.authorization.k8s.io}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: namespace-creators}
rules:
  - {apiGroups: [""], resources: [namespaces], verbs: ["*"]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: namespace-creators}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: namespace-creators}
subjects: [{kind: Group, name: namespace-creators, apiGroup: rbac.authorization.k8s.io}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: security-team}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: Group, name: security-team, apiGroup: rbac.authorization.k8s.io}]
`;

/** Binds the custom verbs of Firebreak to the platform team; apply it once the chart's ClusterRoles are there. */
export const platformVerbs = ["firebreak-change-segmentation-labels", "firebreak-set-namespace-modes"]
  .map(
    (role) => `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: platform-${role}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ${role}}
subjects: [{kind: Group, name: platform-team, apiGroup: rbac.authorization.k8s.io}]
`,
  )
  .join("---");
