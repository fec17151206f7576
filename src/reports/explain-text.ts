import { type Paint, printable } from "./paint.ts";

/** A decision record as it was read from a log: see `record-keys.ts`. */
export interface ReadRecord {
  readonly decisionId: string;
  readonly time: string;
  readonly phase: string;
  readonly enforcement: string;
  readonly request: {
    readonly operation: string;
    readonly gvk: string;
    readonly namespace: string;
    readonly name: string;
    readonly subResource: string;
    readonly dryRun: boolean;
  };
  readonly actor: { readonly username: string; readonly groups: readonly string[] };
  readonly patches: readonly { readonly path: string; readonly value: unknown }[];
  readonly decision: { readonly outcome: string; readonly code: number };
  readonly results: readonly {
    readonly ruleId: string;
    readonly pack: string;
    readonly severity: string;
    readonly tier: string;
    readonly effect: string;
    readonly preExisting: boolean;
    readonly msg: string;
    readonly path: string;
    readonly fix: string;
    readonly controls: readonly { readonly framework: string; readonly version: string; readonly id: string; readonly reviewed: boolean }[];
  }[];
  readonly failure: { readonly cause: string };
}

/** What the catalogue knows of a rule. */
export interface RuleNotes {
  readonly title: string;
  readonly rationale: string;
  readonly remediation: string;
}

/** What `firebreak explain` says to people. */
export function explainText(record: ReadRecord, notesOf: (ruleId: string) => RuleNotes | undefined, paint: Paint): string {
  const { request, actor, decision } = record;
  const where = [request.namespace, request.gvk.split("/").at(-1), request.name].filter(Boolean).join("/");
  const outcome = decision.outcome === "allowed" ? paint.green("allowed") : paint.red(`${decision.outcome} (${decision.code})`);
  const rows = [
    ["Decision", record.decisionId],
    ["When", record.time],
    ["What", `${request.operation} ${where}${request.subResource ? ` (${request.subResource})` : ""}${request.dryRun ? ", a dry run" : ""}`],
    ["By", `${actor.username} (${actor.groups.join(", ")})`],
    ["Phase", `${record.phase}; the namespace is in mode ${record.enforcement}`],
    ["Outcome", outcome],
    ...(record.failure.cause === "" ? [] : [["Failure", record.failure.cause]]),
    ...record.patches.map(({ path, value }) => ["Added", `${path} = ${JSON.stringify(value)}`]),
  ];
  const head = rows.map(([name = "", value = ""]) => `${name.padEnd(10)}${name === "Outcome" ? value : printable(value)}`).join("\n");
  const results = record.results.map((result) => resultText(result, notesOf(result.ruleId), paint));
  return [head, ...(results.length === 0 ? ["No rule objected."] : results)].join("\n\n");
}

function resultText(result: ReadRecord["results"][number], notes: RuleNotes | undefined, paint: Paint): string {
  const controls = result.controls.map(({ framework, version, id, reviewed }) => `${framework} ${version} ${id}${reviewed ? "" : " (not confirmed)"}`);
  return [
    `${paint.bold(result.ruleId)} ${notes?.title ?? ""}  ${paint.dim(`${result.effect}, ${result.severity}, ${result.tier}, ${result.pack}`)}`,
    `  ${printable(result.msg)}${result.preExisting ? " (it stood there before this change)" : ""}`,
    `  at ${printable(result.path)}`,
    `  fix: ${printable(result.fix)}`,
    ...(notes === undefined ? [] : [`  why: ${notes.rationale}`, `  what to do: ${notes.remediation}`]),
    paint.dim(`  supports ${controls.join("; ")}`),
  ].join("\n");
}
