const colours = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

const coloured = process.stdout.isTTY && process.env["NO_COLOR"] === undefined;

export function paint(colour: keyof typeof colours, text: string): string {
  return coloured ? `\u001b[${colours[colour]}m${text}\u001b[0m` : text;
}

export function say(text = ""): void {
  process.stdout.write(`${text}\n`);
}

/** What kubectl said, set in from the margin: warnings yellow, errors red. */
export function showAnswer({ stdout, stderr }: { stdout: string; stderr: string }): void {
  for (const line of `${stdout}${stderr}`.split("\n").filter(Boolean)) {
    const colour = line.startsWith("Warning:") ? "yellow" : line.startsWith("Error") ? "red" : undefined;
    say(`    ${colour ? paint(colour, line) : line}`);
  }
}

/** Rows in columns; the first row is the head. */
export function table(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  for (const [index, row] of rows.entries()) {
    const line = row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
    const colour = index === 0 ? "bold" : row[0] === "met" ? "green" : "red";
    say(`  ${paint(colour, line)}`);
  }
}
