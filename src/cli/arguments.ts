import { parseArgs } from "node:util";
import { FirebreakError, messageOf } from "../model/errors.ts";
import type { CommandSpec } from "./commands.ts";

export interface Arguments {
  readonly operands: readonly string[];
  text(option: string): string | undefined;
  list(option: string): readonly string[];
  flag(option: string): boolean;
}

/** @throws FirebreakError FBR_USAGE with the option that is unknown, lacks its value, or has one that is no choice. */
export function parseArguments(command: CommandSpec, args: readonly string[]): Arguments {
  const options = Object.fromEntries(
    command.options.map(({ name, short, value, repeated }) => [
      name,
      { type: value === undefined ? ("boolean" as const) : ("string" as const), multiple: repeated === true, ...(short === undefined ? {} : { short }) },
    ]),
  );
  let parsed: { values: Record<string, unknown>; positionals: string[] };
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (cause) {
    throw new FirebreakError("FBR_USAGE", `${messageOf(cause)}; see firebreak ${command.name} --help`, { cause });
  }
  const { values, positionals } = parsed;
  for (const { name, choices } of command.options) {
    const value = values[name];
    if (typeof value === "string" && choices !== undefined && !choices.includes(value))
      throw new FirebreakError("FBR_USAGE", `--${name} is ${value}; it can be ${choices.join(", ")}`);
  }
  return {
    operands: positionals,
    text: (option) => values[option] as string | undefined,
    list: (option) => (values[option] as string[] | undefined) ?? [],
    flag: (option) => values[option] === true,
  };
}

/**
 * The one operand of a command that takes one.
 *
 * @throws FirebreakError FBR_USAGE with what the command needs.
 */
export function onlyOperand({ operands: [one, ...more] }: Arguments, needs: string): string {
  if (one === undefined || more.length > 0) throw new FirebreakError("FBR_USAGE", `${needs}; see --help`);
  return one;
}
