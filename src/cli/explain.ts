/** The record of a decision among the lines of a log; the last one where a log holds it twice. Other lines are passed over. */
export function findRecord(log: string, decisionId: string): Record<string, unknown> | undefined {
  let found: Record<string, unknown> | undefined;
  for (const line of log.split("\n")) {
    const start = line.indexOf("{");
    if (start < 0 || !line.includes(decisionId)) continue;
    const record = parsed(line.slice(start));
    if (record?.["decisionId"] === decisionId) found = record;
  }
  return found;
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
