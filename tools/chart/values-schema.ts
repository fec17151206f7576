import { configurationJsonSchema } from "../../src/config/configuration.ts";

const text = { type: "string", minLength: 1 };
const maybeEmpty = { type: "string" };
const flag = { type: "boolean" };
const cidrs = { type: "array", items: { type: "string", pattern: "^[0-9a-fA-F.:]+/[0-9]{1,3}$" } };
const passedThrough = { type: "object" };
const labels = { type: "object", additionalProperties: { type: "string" } };

function object(properties: Readonly<Record<string, object>>, required: readonly string[] = Object.keys(properties)): object {
  return { type: "object", additionalProperties: false, required, properties };
}

/** `values.schema.json`: every value of the chart, and the whole configuration with the bounds that Firebreak itself checks. */
export function valuesSchema(): object {
  const { $schema, ...configuration } = configurationJsonSchema() as { $schema: string; required?: string[] };
  return {
    $schema,
    ...object(
      {
        global: passedThrough,
        replicaCount: { type: "integer", minimum: 0 },
        image: object({
          repository: text,
          tag: maybeEmpty,
          digest: { type: "string", pattern: "^(sha256:[0-9a-f]{64})?$" },
          pullPolicy: { enum: ["Always", "IfNotPresent", "Never"] },
        }),
        imagePullSecrets: { type: "array", items: object({ name: text }) },
        owner: { type: "string", pattern: "^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$" },
        resources: passedThrough,
        priorityClassName: maybeEmpty,
        nodeSelector: labels,
        tolerations: { type: "array", items: passedThrough },
        affinity: passedThrough,
        podAnnotations: labels,
        podDisruptionBudget: object({ enabled: flag, maxUnavailable: { type: ["integer", "string"] } }),
        networkPolicy: object({
          enabled: flag,
          webhookClients: cidrs,
          apiServer: object({ cidrs, ports: { type: "array", minItems: 1, items: { type: "integer", minimum: 1, maximum: 65535 } } }),
          metricsClients: { type: "array", items: { type: "object", minProperties: 1 } },
        }),
        serviceMonitor: object({ enabled: flag, interval: { type: "string", pattern: "^[0-9]+(ms|s|m|h)$" }, labels }),
        certManager: object({ enabled: flag, issuerRef: object({ group: text, kind: text, name: maybeEmpty }) }),
        guard: object({ enabled: flag, users: { type: "array", items: text } }),
        dnsService: object({ namespace: text, name: text }),
        priorityLevel: object({ nominalConcurrencyShares: { type: "integer", minimum: 1 } }),
        // The chart fills in the endpoint.
        configuration: { ...configuration, required: [] },
      },
      ["replicaCount", "image"],
    ),
  };
}
