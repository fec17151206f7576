import { type CommandSpec, commands, type OptionSpec } from "./commands.ts";

/** Help for all commands, or for a group of them. */
export function generalHelp(shown: readonly CommandSpec[] = commands): string {
  const width = Math.max(...shown.map(({ name }) => name.length)) + 2;
  return [
    "firebreak: default deny without a gap, guardrails that say why, a record of every decision\n",
    "Usage: firebreak COMMAND [options]\n",
    "Commands:",
    ...shown.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`),
    "",
    "Start here:",
    "  firebreak check deploy/                    judge a folder of manifests",
    "  helm template . | firebreak check -        judge what a chart renders",
    "  firebreak doctor                           look at the cluster of KUBECONFIG",
    "",
    "firebreak COMMAND --help says more.\n",
  ].join("\n");
}

export function commandHelp({ usage, about, options, examples, exits }: CommandSpec): string {
  const sections = [
    `Usage: ${usage}`,
    about,
    section("Options:", options.map(optionLine)),
    section(
      "Examples:",
      examples.map(([command, what]) => `  ${command}\n      ${what}`),
    ),
    section(
      "Exit codes:",
      exits.map(([code, when]) => `  ${code}  ${when}`),
    ),
  ];
  return `${sections.filter((text) => text !== "").join("\n\n")}\n`;
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : [title, ...lines].join("\n");
}

function optionLine({ name, short, value, choices, repeated, summary }: OptionSpec): string {
  const flags = `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
  const hints = [...(choices === undefined ? [] : [choices.join("|")]), ...(repeated === true ? ["repeatable"] : [])];
  return `  ${flags.padEnd(24)}${summary}${hints.length === 0 ? "" : ` [${hints.join("; ")}]`}`;
}
