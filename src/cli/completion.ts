import { commands, type OptionSpec, shells } from "./commands.ts";

/** A completion script, from the list of commands. */
export function completionScript(shell: (typeof shells)[number]): string {
  return { bash, zsh, fish }[shell]();
}

const names = commands.map(({ name }) => name).join(" ");

function bash(): string {
  const cases = commands.map(({ name, options }) => `    ${name}) words="${words(name, options)}" ;;`);
  const values = choiceOptions().map(
    ({ flags, choices }) => `    ${flags.join("|")}) COMPREPLY=($(compgen -W "${choices.join(" ")}" -- "$current")); return ;;`,
  );
  return `_firebreak() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words
  if [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W "${names}" -- "$current")); return; fi
  case "$previous" in
${values.join("\n")}
  esac
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current") $(compgen -f -- "$current"))
}
complete -o filenames -F _firebreak firebreak
`;
}

function zsh(): string {
  return `#compdef firebreak\nautoload -U +X bashcompinit && bashcompinit\n${bash()}`;
}

function fish(): string {
  const lines = commands.flatMap(({ name, summary, options }) => [
    `complete -c firebreak -n __fish_use_subcommand -a ${name} -d '${quoted(summary)}'`,
    ...options.map((option) => `complete -c firebreak -n '__fish_seen_subcommand_from ${name}' ${fishOption(option)}`),
  ]);
  return `${lines.join("\n")}\ncomplete -c firebreak -n '__fish_seen_subcommand_from completion' -a '${shells.join(" ")}'\n`;
}

function fishOption({ name, short, value, choices, summary }: OptionSpec): string {
  const parts = [`-l ${name}`, ...(short === undefined ? [] : [`-s ${short}`]), ...(value === undefined ? [] : ["-r"])];
  return [...parts, ...(choices === undefined ? [] : [`-a '${choices.join(" ")}'`]), `-d '${quoted(summary)}'`].join(" ");
}

function quoted(text: string): string {
  return text.replaceAll("'", "\\'");
}

function words(command: string, options: readonly OptionSpec[]): string {
  if (command === "completion") return shells.join(" ");
  return options.flatMap(({ name, short }) => [`--${name}`, ...(short === undefined ? [] : [`-${short}`])]).join(" ");
}

/** Options with a fixed set of values; the widest set where commands differ. */
function choiceOptions(): { flags: string[]; choices: readonly string[] }[] {
  const widest = new Map<string, OptionSpec>();
  for (const option of commands.flatMap(({ options }) => options)) {
    if ((option.choices?.length ?? 0) > (widest.get(option.name)?.choices?.length ?? 0)) widest.set(option.name, option);
  }
  return [...widest.values()].map(({ name, short, choices = [] }) => ({ flags: [`--${name}`, ...(short === undefined ? [] : [`-${short}`])], choices }));
}
