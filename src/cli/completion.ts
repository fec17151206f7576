import { commands, type OptionSpec, shells } from "./commands.ts";

/** A completion script, from the list of commands. */
export function completionScript(shell: (typeof shells)[number]): string {
  return { bash, zsh, fish }[shell]();
}

/** `pack build` is two words: the first completes to the second. */
const firstWords = [...new Set(commands.map(({ name }) => name.split(" ")[0] as string))];
const groups = firstWords
  .map((first) => ({ first, second: commands.flatMap(({ name }) => (name.startsWith(`${first} `) ? [name.slice(first.length + 1)] : [])) }))
  .filter(({ second }) => second.length > 0);

function bash(): string {
  const cases = commands.map(({ name, options }) => `    "${name}"${name.includes(" ") ? "" : '" "*'}) words="${words(name, options)}" ;;`);
  const seconds = groups.map(
    ({ first, second }) =>
      `  if [ "$COMP_CWORD" -eq 2 ] && [ "\${COMP_WORDS[1]}" = ${first} ]; then COMPREPLY=($(compgen -W "${second.join(" ")}" -- "$current")); return; fi`,
  );
  const values = choiceOptions().map(
    ({ flags, choices }) => `    ${flags.join("|")}) COMPREPLY=($(compgen -W "${choices.join(" ")}" -- "$current")); return ;;`,
  );
  return `_firebreak() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words
  if [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W "${firstWords.join(" ")}" -- "$current")); return; fi
${seconds.join("\n")}
  case "$previous" in
${values.join("\n")}
  esac
  case "\${COMP_WORDS[1]} \${COMP_WORDS[2]}" in
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
  const lines = commands.flatMap(({ name, summary, options }) => {
    const [first, second] = name.split(" ");
    const seen = [first, second].flatMap((word) => (word === undefined ? [] : [`__fish_seen_subcommand_from ${word}`])).join("; and ");
    const offered = second === undefined ? `-n __fish_use_subcommand -a ${first}` : `-n '__fish_seen_subcommand_from ${first}' -a ${second}`;
    return [`complete -c firebreak ${offered} -d '${quoted(summary)}'`, ...options.map((option) => `complete -c firebreak -n '${seen}' ${fishOption(option)}`)];
  });
  lines.push(...groups.map(({ first }) => `complete -c firebreak -n __fish_use_subcommand -a ${first}`));
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

/** Options with a fixed set of values; all of them where commands differ. */
function choiceOptions(): { flags: string[]; choices: readonly string[] }[] {
  const byName = Map.groupBy(
    commands.flatMap(({ options }) => options).filter(({ choices }) => choices !== undefined),
    ({ name }) => name,
  );
  return [...byName.values()].map((same) => {
    const { name, short } = same[0] as OptionSpec;
    return { flags: [`--${name}`, ...(short === undefined ? [] : [`-${short}`])], choices: [...new Set(same.flatMap(({ choices = [] }) => choices))] };
  });
}
