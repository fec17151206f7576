import { expect, test } from "vitest";
import type { Decision } from "../model/decision.ts";
import { decisionRecord } from "./decision-record.ts";
import { recordKeys } from "./record-keys.ts";

const decision: Decision = {
  id: "01ID",
  outcome: "refused",
  code: 403,
  mode: "enforce",
  attributes: {
    uid: "u-1",
    phase: "validating",
    operation: "CREATE",
    kind: { group: "", version: "v1", kind: "Secret" },
    resource: { group: "", version: "v1", resource: "secrets" },
    subResource: "",
    namespace: "shop",
    name: "s",
    user: { username: "system:serviceaccount:a:b", groups: ["g"], extra: {} },
    dryRun: false,
    object: { metadata: { uid: "o-1" }, data: { password: "hunter2" } } as never,
  },
  patch: [],
  results: [
    {
      ruleId: "SEG-OP-003",
      message: "m",
      path: "p",
      fix: "f",
      details: { secret: "hunter2" },
      title: "t",
      severity: "high",
      tier: "Standard",
      controls: [{ framework: "pci-dss", version: "4.0.1", id: "1.4.3", reviewed: false }],
      effect: "deny",
      preExisting: false,
      pack: "x@1",
      packDigest: "sha256:0",
      rulePack: "x",
      binding: "all",
      enforced: "deny",
    },
  ],
  evaluated: [],
  notices: [],
  timings: { startedAt: new Date("2026-11-23T00:01:02.345Z"), totalMicros: 42, evaluationMicros: 7 },
};

const record = decisionRecord(decision, { clusterName: "c", version: "0.1.0", replica: "r" });

test("the keys of a record are a public interface", () => {
  expect(Object.keys(record)).toEqual([...recordKeys]);
});

test("a record reads as it always did", () => {
  expect(record).toMatchInlineSnapshot(`
    {
      "actor": {
        "groups": [
          "g",
        ],
        "kind": "serviceaccount",
        "uid": "",
        "username": "system:serviceaccount:a:b",
      },
      "cluster": {
        "name": "c",
      },
      "decision": {
        "allowed": false,
        "code": 403,
        "message": "[SEG-OP-003] p: f (decision 01ID)
    - SEG-OP-003 m (supports pci-dss 1.4.3)",
        "outcome": "refused",
        "violations": 1,
        "warnings": [],
      },
      "decisionId": "01ID",
      "enforcement": "enforce",
      "engine": {
        "replica": "r",
        "version": "0.1.0",
      },
      "failure": {
        "cause": "",
        "mode": "none",
      },
      "latency": {
        "evalMicros": 7,
        "totalMicros": 42,
      },
      "patches": [],
      "phase": "validating",
      "request": {
        "dryRun": false,
        "gvk": "v1/Secret",
        "gvr": "v1/secrets",
        "name": "s",
        "namespace": "shop",
        "objectUid": "o-1",
        "operation": "CREATE",
        "subResource": "",
        "uid": "u-1",
      },
      "results": [
        {
          "binding": "all",
          "controls": [
            {
              "framework": "pci-dss",
              "id": "1.4.3",
              "reviewed": false,
              "version": "4.0.1",
            },
          ],
          "effect": "deny",
          "fix": "f",
          "msg": "m",
          "pack": "x@1",
          "packDigest": "sha256:0",
          "path": "p",
          "preExisting": false,
          "ruleId": "SEG-OP-003",
          "rulePack": "x",
          "severity": "high",
          "tier": "Standard",
        },
      ],
      "schema": "firebreak.decision/v1",
      "time": "2026-11-23T00:01:02.345Z",
    }
  `);
});

test("what stands in an object never gets into a record", () => {
  expect(JSON.stringify(record)).not.toContain("hunter2");
});

test("a thousand violations of one rule make no record of megabytes, and are counted", () => {
  const many = { ...decision, results: Array.from({ length: 1000 }, () => decision.results[0] as Decision["results"][number]) };
  const crowded = decisionRecord(many, { clusterName: "c", version: "0.1.0", replica: "r" });
  expect(crowded.results).toHaveLength(20);
  expect(crowded.decision).toMatchObject({ violations: 1000 });
});
