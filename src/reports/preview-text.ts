import { type Paint, printable } from "./paint.ts";

interface Row {
  readonly change: "newly denied" | "newly allowed" | "unchanged" | "undetermined";
  readonly ruleId: string;
  readonly namespace: string;
  readonly owner: string;
  readonly message: string;
}

/** So many owners of one rule and namespace are named. */
const namedMost = 8;

/** What `firebreak pack preview` says to people: by change, rule, namespace and owner. */
export function previewText(rows: readonly Row[], pack: string, paint: Paint): string {
  const changes = ["newly denied", "newly allowed", "undetermined"] as const;
  const colours = { "newly denied": paint.red, "newly allowed": paint.green, undetermined: paint.yellow } as const;
  const blocks = changes.flatMap((change) => {
    const own = rows.filter((row) => row.change === change);
    return own.length === 0 ? [] : [[colours[change](`${change}: ${own.length}`), ...ruleLines(own, paint)].join("\n")];
  });
  const unchanged = rows.filter(({ change }) => change === "unchanged").length;
  return [paint.bold(`${pack}, as if it were enforced`), ...blocks, `${unchanged} denied as before`].join("\n\n");
}

function ruleLines(rows: readonly Row[], paint: Paint): string[] {
  const byPlace = Map.groupBy(rows, ({ ruleId, namespace }) => `${ruleId} in ${namespace || "the cluster itself"}`);
  return [...byPlace].flatMap(([place, same]) => {
    const names = [...new Set(same.map(({ owner }) => owner))];
    const more = names.length > namedMost ? ` and ${names.length - namedMost} more` : "";
    return [`  ${paint.bold(place)}: ${printable(names.slice(0, namedMost).join(", "))}${more}`, paint.dim(`      ${printable((same[0] as Row).message)}`)];
  });
}
