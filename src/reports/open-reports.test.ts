import { expect, test } from "vitest";
import type { ScanFinding } from "../model/scan.ts";
import { reportOf } from "./open-reports.ts";

const finding = (name: string, more: Partial<ScanFinding> = {}): ScanFinding => ({
  ruleId: "SEG-OP-001",
  title: "t",
  severity: "critical",
  tier: "Standard",
  controls: [],
  pack: "p@1",
  rulePack: "p",
  message: "m",
  path: "spec",
  fix: "f",
  effect: "warn",
  enforced: "deny",
  exemptions: [],
  subject: { apiVersion: "v1", kind: "Pod", name, namespace: "shop" },
  ...more,
});
const now = new Date(0);
const place = (findings: ScanFinding[]) => ({ namespace: "shop", objects: 500, errors: 0, findings });

test("the same format bears the names of either group, in a namespace and for the cluster", () => {
  const names = (namespace: string, format: "openreports" | "wgpolicyk8s") => {
    const { apiVersion, kind, metadata } = reportOf({ ...place([finding("a")]), namespace }, format, now) ?? {};
    return [apiVersion, kind, metadata?.namespace];
  };
  expect(names("shop", "openreports")).toEqual(["openreports.io/v1alpha1", "Report", "shop"]);
  expect(names("", "openreports")).toEqual(["openreports.io/v1alpha1", "ClusterReport", undefined]);
  expect(names("shop", "wgpolicyk8s")).toEqual(["wgpolicyk8s.io/v1alpha2", "PolicyReport", "shop"]);
  expect(names("", "wgpolicyk8s")).toEqual(["wgpolicyk8s.io/v1alpha2", "ClusterPolicyReport", undefined]);
});

test("what one rule says of many is one result; a report stays small, and says what it leaves out", () => {
  const many = Array.from({ length: 120 }, (_, index) => finding(`pod-${index}`));
  const others = Array.from({ length: 300 }, (_, index) => finding("x", { message: `m-${index}`, severity: "low" }));
  const report = reportOf(place([...others, ...many]), "openreports", now) as unknown as {
    summary: { fail: number };
    results: { resources: object[]; properties: Record<string, string> }[];
  };
  expect(report.summary.fail).toBe(420);
  expect(report.results).toHaveLength(200);
  expect(report.results[0]?.resources).toHaveLength(50);
  expect(report.results[0]?.properties).toMatchObject({ moreResources: "70", moreResults: expect.stringContaining("101 more") });
  expect(JSON.stringify(report).length).toBeLessThan(200_000);
});

test("what is exempted or undetermined is skipped, not failed; where nothing is to be said there is no report", () => {
  const report = reportOf(place([finding("a", { effect: "exempted", exemptions: ["e"] }), finding("b", { effect: "undetermined" })]), "openreports", now);
  expect(report?.["summary"]).toMatchObject({ fail: 0, skip: 2 });
  expect(reportOf(place([]), "openreports", now)).toBeUndefined();
});
