import { expect, test } from "vitest";
import { defaultAllowances } from "../model/isolation-profile.ts";
import { apiServerIngress, defaultDeny, isReservedPolicyName, type NetworkLandmarks } from "./default-deny.ts";
import { samePolicy } from "./same-policy.ts";
import { allowancesFor } from "./select-profile.ts";

const landmarks: NetworkLandmarks = {
  resolver: { namespace: "kube-system", podSelector: { "k8s-app": "kube-dns" }, ports: [{ protocol: "UDP", port: "dns" }] },
  nodeLocalResolver: ["169.254.20.10"],
  apiServer: { addresses: ["10.0.0.1", "fd00::1"], ports: [{ protocol: "TCP", port: 6443 }] },
  apiServerTargets: [{ namespace: "shop", service: "hook", podSelector: { app: "hook" }, ports: [{ protocol: "TCP", port: 9443 }] }],
};

const none = { ...defaultAllowances, dns: false };

test("without allowances both directions are closed", () => {
  expect(defaultDeny("shop", none, landmarks).spec).toEqual({ podSelector: {}, policyTypes: ["Ingress", "Egress"], ingress: [], egress: [] });
});

test("dns opens the resolver's target ports and the node-local cache", () => {
  expect(defaultDeny("shop", defaultAllowances, landmarks).spec?.egress).toEqual([
    {
      to: [
        {
          namespaceSelector: { matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: ["kube-system"] }] },
          podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
        },
      ],
      ports: [{ protocol: "UDP", port: "dns" }],
    },
    {
      to: [{ ipBlock: { cidr: "169.254.20.10/32" } }],
      ports: [
        { protocol: "UDP", port: 53 },
        { protocol: "TCP", port: 53 },
      ],
    },
  ]);
});

test("apiServer opens the endpoint addresses of both families", () => {
  const egress = defaultDeny("shop", { ...none, apiServer: true }, landmarks).spec?.egress;
  expect(egress).toEqual([{ to: [{ ipBlock: { cidr: "10.0.0.1/32" } }, { ipBlock: { cidr: "fd00::1/128" } }], ports: [{ protocol: "TCP", port: 6443 }] }]);
});

test("sameNamespace and named namespaces open what they name", () => {
  const spec = defaultDeny("shop", { ...none, sameNamespace: true, metricsFrom: ["monitoring"], ingressFrom: ["ingress"] }, landmarks).spec;
  expect(spec?.ingress).toHaveLength(2);
  expect(spec?.ingress?.[1]).toEqual({
    from: [{ namespaceSelector: { matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: ["ingress", "monitoring"] }] } }],
  });
  expect(spec?.egress).toEqual([{ to: [{ podSelector: {} }] }]);
});

test("the API server reaches exactly the pods and ports that back a webhook, in their own namespace", () => {
  expect(apiServerIngress("shop", defaultAllowances, landmarks).map((policy) => [policy.metadata.name, policy.spec?.ingress])).toEqual([
    ["firebreak-apiserver-ingress-hook", [{ ports: [{ protocol: "TCP", port: 9443 }] }]],
  ]);
  expect(apiServerIngress("other", defaultAllowances, landmarks)).toEqual([]);
  expect(apiServerIngress("shop", { ...defaultAllowances, apiServerIngress: false }, landmarks)).toEqual([]);
});

test("what the API server fills in or drops does not change a policy's meaning, a wider rule does", () => {
  const ours = defaultDeny("shop", none, landmarks);
  expect(samePolicy(ours, { spec: { podSelector: {}, policyTypes: ["Egress", "Ingress"] } })).toBe(true);
  expect(samePolicy(ours, { spec: { podSelector: {}, policyTypes: ["Ingress"] } })).toBe(false);
  expect(samePolicy(ours, { spec: { podSelector: {}, policyTypes: ["Egress", "Ingress"], ingress: [{}] } })).toBe(false);
  expect(
    samePolicy({ spec: { ingress: [{ ports: [{ port: 1 }] }] } }, { spec: { policyTypes: ["Ingress"], ingress: [{ ports: [{ port: 1, protocol: "TCP" }] }] } }),
  ).toBe(true);
});

test("the profile with the highest priority that selects the namespace holds alone", () => {
  const profiles = [
    { metadata: { name: "all" }, spec: { allowances: { sameNamespace: true } } },
    { metadata: { name: "payments" }, spec: { priority: 10, namespaceSelector: { matchLabels: { team: "pay" } }, allowances: { dns: false } } },
  ];
  expect(allowancesFor({ team: "pay" }, profiles)).toEqual({ ...defaultAllowances, dns: false });
  expect(allowancesFor({}, profiles)).toEqual({ ...defaultAllowances, sameNamespace: true });
  expect(allowancesFor({}, [])).toEqual(defaultAllowances);
});

test("reserved names are ours, names like them are not", () => {
  expect(["firebreak-default-deny", "firebreak-apiserver-ingress-x", "firebreak-default-deny2", "default-deny"].map(isReservedPolicyName)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
