import { expect, test } from "vitest";
import { withApiDefaults } from "./api-defaults.ts";

const policy = (spec: object) => ({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", spec });

test("policyTypes follow from the rules, protocols are TCP, and what is written stays", () => {
  expect(withApiDefaults(policy({ podSelector: {} })).spec).toEqual({ podSelector: {}, policyTypes: ["Ingress"] });
  expect(withApiDefaults(policy({ podSelector: {}, egress: [{ ports: [{ port: 53 }, { port: 53, protocol: "UDP" }] }] })).spec).toEqual({
    podSelector: {},
    policyTypes: ["Ingress", "Egress"],
    egress: [
      {
        ports: [
          { port: 53, protocol: "TCP" },
          { port: 53, protocol: "UDP" },
        ],
      },
    ],
  });
  expect(withApiDefaults(policy({ podSelector: {}, policyTypes: ["Egress"] })).spec).toEqual({ podSelector: {}, policyTypes: ["Egress"] });
  expect(withApiDefaults(policy({ podSelector: {}, egress: [] })).spec).toMatchObject({ policyTypes: ["Ingress"] });
});

test("a Service is ClusterIP; another kind, and a policy of another group, are left as they are", () => {
  const service = { apiVersion: "v1", kind: "Service", spec: { ports: [{ port: 80 }] } };
  expect(withApiDefaults(service).spec).toEqual({ type: "ClusterIP", ports: [{ port: 80, protocol: "TCP" }] });
  const calico = { apiVersion: "crd.projectcalico.org/v1", kind: "NetworkPolicy", spec: {} };
  expect(withApiDefaults(calico)).toEqual(calico);
});

test("what is null is absent, as an API server reads it", () => {
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "a", labels: null }, spec: { containers: [{ name: "c", ports: null }] } };
  expect(withApiDefaults(pod as never)).toEqual({ apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, spec: { containers: [{ name: "c" }] } });
});

test("a spec of a wrong shape is no crash", () => {
  expect(() => withApiDefaults({ ...policy({}), spec: "x" } as never)).not.toThrow();
  expect(() => withApiDefaults(policy({ egress: ["x", { ports: [7] }] }))).not.toThrow();
});
