import type { Exemption } from "../model/exemption.ts";
import { type Paint, printable } from "./paint.ts";

/** What `firebreak exemption show` says: all that an approver approves, and how far it is. */
export function exemptionText({ metadata, spec, status }: Exemption, digest: string, paint: Paint): string {
  const { rules = [], subject = {}, reason = "", ticket = "", compensatingControl, notBefore, expires = "", requestedBy } = spec ?? {};
  const range = ({ id, from, below }: (typeof rules)[number]) => [id, from && `from ${from}`, below && `below ${below}`].filter(Boolean).join(" ");
  const rows: readonly (readonly [string, string])[] = [
    ["rules", rules.map(range).join(", ")],
    ["for", JSON.stringify(subject)],
    ["reason", reason],
    ["ticket", ticket],
    ["meanwhile", compensatingControl ?? "(no compensating control)"],
    ["holds", `${notBefore ?? "at once"} until ${expires}`],
    ["asked by", requestedBy ?? "(unknown)"],
    ["approved", `${status?.approvedBy?.join(", ") || "by nobody yet"} (${status?.approvalsNeeded ?? "?"} needed)`],
    ["phase", [status?.phase ?? "unknown", status?.message].filter(Boolean).join(": ")],
    ["digest", digest],
  ];
  return [
    paint.bold(`Exemption ${printable(metadata?.name ?? "")}`),
    ...rows.map(([name, value]) => `${name.padEnd(10)} ${printable(value)}`),
    "",
    `To approve exactly this: firebreak exemption approve ${printable(metadata?.name ?? "")} --digest ${digest}`,
  ].join("\n");
}
