import type { Explanation, ReachEnd, ReachLine, ReachPorts } from "../model/reachability.ts";
import { type Paint, printable } from "./paint.ts";

export type ReachFormat = "text" | "csv" | "md" | "dot";

const lastPort = 65_535;
const everything = 4;

/** A connection list: one line for each pair, in the order of their names. */
export function reachText(lines: readonly ReachLine[], format: ReachFormat): string {
  const sorted = lines.map((line) => ({ from: endWords(line.src), to: endWords(line.dst), ports: portWords(line.allowed), line }));
  sorted.sort((a, b) => compare(a.from, b.from) || compare(a.to, b.to));
  if (format === "csv") return ["src,dst,conn", ...sorted.map(({ from, to, ports }) => [from, to, ports].map(csvField).join(","))].join("\n");
  if (format === "md")
    return [
      "| src | dst | conn |",
      "| --- | --- | --- |",
      ...sorted.map(({ from, to, ports }) => `| ${[from, to, ports].map(markdownCell).join(" | ")} |`),
    ].join("\n");
  if (format === "dot") return dot(sorted);
  return sorted.map(({ from, to, ports, line }) => `${from} => ${to} : ${ports}${line.possible ? " (possibly)" : ""}`).join("\n");
}

/** What a change opens and closes, one line each. */
export function effectText(opened: readonly ReachLine[], closed: readonly ReachLine[], paint: Paint): string {
  if (opened.length + closed.length === 0) return "nothing is opened and nothing is closed";
  const lines = (mark: string, of: readonly ReachLine[]) =>
    of.length === 0
      ? []
      : reachText(of, "text")
          .split("\n")
          .map((line) => `${mark} ${line}`);
  return [...lines("+", opened).map(paint.red), ...lines("-", closed).map(paint.green), "", `${opened.length} opened, ${closed.length} closed`].join("\n");
}

/** Everything that decides one connection, in the order in which it is asked, with what decided. */
export function explanationText(asked: { readonly from: string; readonly to: string; readonly port: string }, explanation: Explanation, paint: Paint): string {
  const coloured = { allowed: paint.green, denied: paint.red, possible: paint.yellow };
  const head = `${asked.from} to ${asked.to} on ${asked.port}: ${coloured[explanation.verdict](paint.bold(explanation.verdict))}`;
  const parts = [explanation.egress, explanation.ingress].map(({ direction, verdict, steps }) => {
    const whose = direction === "egress" ? `egress of ${asked.from}` : `ingress of ${asked.to}`;
    const told = steps.map(({ tier, words, decides }) => `  ${decides ? "→" : " "} ${tier === "" ? "" : `${tier} tier: `}${printable(words)}`);
    return [`${whose}: ${coloured[verdict](verdict)}`, ...told].join("\n");
  });
  return [head, "", ...parts].join("\n");
}

function endWords({ kind, namespace, name }: ReachEnd): string {
  const named = namespace === "" ? name : `${namespace}/${name}`;
  return kind === "External" ? printable(name) : `${printable(named)}[${kind}]`;
}

function portWords(allowed: readonly ReachPorts[]): string {
  if (allowed.length === everything && allowed.every(({ protocol, from, to }) => protocol === "OTHER" || (from === 1 && to === lastPort))) return "All";
  return allowed
    .map(({ protocol, from, to }) => {
      if (protocol === "OTHER") return "other protocols";
      if (from === 1 && to === lastPort) return protocol;
      return from === to ? `${protocol} ${from}` : `${protocol} ${from}-${to}`;
    })
    .join(", ");
}

function dot(lines: readonly { from: string; to: string; ports: string; line: ReachLine }[]): string {
  const nodes = [...new Set(lines.flatMap(({ from, to }) => [from, to]))].sort();
  return [
    "digraph reach {",
    "  rankdir=LR;",
    ...nodes.map((node) => `  ${JSON.stringify(node)} [shape=box];`),
    ...lines.map(
      ({ from, to, ports, line }) =>
        `  ${JSON.stringify(from)} -> ${JSON.stringify(to)} [label=${JSON.stringify(ports)}${line.possible ? ", style=dashed" : ""}];`,
    ),
    "}",
  ].join("\n");
}

function csvField(text: string): string {
  // A field that begins like a formula is none to a spreadsheet once a quote stands before it.
  const safe = /^[=+\-@]/.test(text) ? `'${text}` : text;
  return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function markdownCell(text: string): string {
  return text.replaceAll("|", "\\|");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
