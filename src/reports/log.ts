import pino, { type Logger } from "pino";
import pretty from "pino-pretty";
import type { Recorder } from "../admission/ports.ts";
import { decisionRecord, type Origin } from "./decision-record.ts";
import { recordKeys } from "./record-keys.ts";

export interface Journal extends Recorder {
  readonly log: (message: string, fields: object) => void;
  readonly error: (message: string, fields: object) => void;
  /** Writes what is buffered; call it last. */
  flush(): void;
}

/** JSON Lines on standard output, one a decision and one an event; on a terminal the same lines, readable. */
export function createJournal(origin: Origin, level: string, terminal: boolean): Journal {
  const lines = terminal ? undefined : new GroupedLines();
  const destination = lines ?? readable();
  const logger: Logger = pino({ level, base: null, timestamp: false, messageKey: "msg", formatters: { level: (label) => ({ level: label }) } }, destination);
  return {
    record: (decision) => {
      const record = decisionRecord(decision, origin);
      const { outcome, attributes } = decision;
      const where = [attributes.namespace, attributes.name].filter(Boolean).join("/");
      const line = `${outcome} ${attributes.operation} ${attributes.kind.kind} ${where}`;
      if (outcome === "allowed") logger.info(record, line);
      else logger.warn(record, line);
      return lines?.written() ?? Promise.resolve();
    },
    log: (message, fields) => logger.info({ time: new Date().toISOString(), ...fields }, message),
    error: (message, fields) => logger.error({ time: new Date().toISOString(), ...fields }, message),
    flush: () => (lines === undefined ? logger.flush() : lines.flush()),
  };
}

/** Standard output, written once for all lines of a turn of the event loop: one call of the system for each would cost more than a line. */
class GroupedLines {
  readonly #output = pino.destination({ sync: true });
  #waiting = "";
  #turn: Promise<void> | undefined;

  write(line: string): void {
    this.#waiting += line;
    void this.written();
  }

  /** Resolves once everything is written that was said so far. */
  written(): Promise<void> {
    this.#turn ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#turn = undefined;
        this.flush();
        resolve();
      });
    });
    return this.#turn;
  }

  flush(): void {
    if (this.#waiting === "") return;
    const lines = this.#waiting;
    this.#waiting = "";
    this.#output.write(lines);
  }
}

/** The same lines for a person: one a decision, with what was said to the user beneath it. */
function readable() {
  return pretty({
    sync: true,
    messageKey: "msg",
    ignore: recordKeys.filter((key) => key !== "time").join(","),
    messageFormat: (line, key) => {
      const { decision, actor } = line as { decision?: { message: string; warnings: string[] }; actor?: { username: string } };
      const said = [decision?.message, ...(decision?.warnings ?? [])].filter(Boolean).join("\n").replaceAll("\n", "\n    ");
      return `${line[key]}${actor ? ` by ${actor.username}` : ""}${said ? `\n    ${said}` : ""}`;
    },
  });
}
