/** What a command talks to. */
export interface Terminal {
  /** Whether people read standard output, in colour. */
  readonly colour: boolean;
  /** Whether people watch standard error: progress is shown there. */
  readonly watched: boolean;
  write(text: string): void;
  warn(text: string): void;
  readStdin(): Promise<string>;
}

/** A line of output, and the exit code of a command that had nothing else to say. */
export function print(terminal: Terminal, text: string): number {
  terminal.write(`${text}\n`);
  return 0;
}
