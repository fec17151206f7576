/** What one call may answer: longer than any message, path or fix that anybody reads. */
const longest = 64 * 1024;

/** A width or a precision beyond this is no layout, it is an attack. */
const widest = 1000;

const verb = /%([-+ 0#]*)(\d*)(?:\.(\d*))?([a-zA-Z%])?/g;

interface Directive {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
}

/**
 * `sprintf` of Rego: Go's `fmt.Sprintf` for the values that Rego has. What a verb cannot show is told in the text, as Go does
 * it, and never thrown: a message about a malformed object must not keep the object from being judged.
 *
 * @throws RangeError where a width or the whole is longer than any message.
 */
export function sprintf(format: unknown, values: unknown): string {
  const given = Array.isArray(values) ? values.map(argument) : [];
  let used = 0;
  let text = "";
  let at = 0;
  for (const match of String(format).matchAll(verb)) {
    const [whole, flags = "", width = "", precision, letter] = match;
    text += String(format).slice(at, match.index);
    at = match.index + whole.length;
    if (letter === "%") text += "%";
    else if (letter === undefined) text += "%!(NOVERB)";
    else if (used >= given.length) text += `%!${letter}(MISSING)`;
    else {
      const directive = { flags, width: bounded(width), precision: precision === undefined ? undefined : bounded(precision) };
      text += formatted(letter, given[used] as Argument, directive);
      used += 1;
    }
    check(text);
  }
  text += String(format).slice(at);
  if (used < given.length)
    text += `%!(EXTRA ${given
      .slice(used)
      .map((value) => `${typeName(value)}=${shown(value)}`)
      .join(", ")})`;
  return check(text);
}

type Argument = string | number;

/** Numbers and text stay what they are; anything else is its Rego text. */
function argument(value: unknown): Argument {
  return typeof value === "number" || typeof value === "string" ? value : regoText(value);
}

function regoText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(regoText).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  return `{${Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, child]) => `${JSON.stringify(key)}: ${regoText(child)}`)
    .join(", ")}}`;
}

function formatted(letter: string, value: Argument, directive: Directive): string {
  const text =
    typeof value === "string"
      ? textVerb(letter, value, directive)
      : Number.isInteger(value)
        ? integerVerb(letter, value, directive)
        : floatVerb(letter, value, directive);
  return text === undefined ? `%!${letter}(${typeName(value)}=${shown(value)})` : padded(text, directive, typeof value === "number");
}

function textVerb(letter: string, value: string, { precision }: Directive): string | undefined {
  const cut = precision === undefined ? value : [...value].slice(0, precision).join("");
  if (letter === "s" || letter === "v") return cut;
  if (letter === "q") return JSON.stringify(cut);
  if (letter === "x") return Buffer.from(cut).toString("hex");
  return letter === "X" ? Buffer.from(cut).toString("hex").toUpperCase() : undefined;
}

const bases: Readonly<Record<string, number>> = { d: 10, v: 10, x: 16, X: 16, o: 8, b: 2 };

function integerVerb(letter: string, value: number, directive: Directive): string | undefined {
  const base = bases[letter];
  if (base !== undefined) {
    const digits = Math.abs(value)
      .toString(base)
      .padStart(directive.precision ?? 0, "0");
    return sign(value, directive) + (letter === "X" ? digits.toUpperCase() : digits);
  }
  if (letter === "c") return value >= 0 && value <= 0x10ffff ? String.fromCodePoint(value) : "\ufffd";
  return letter === "U" ? `U+${value.toString(16).toUpperCase().padStart(4, "0")}` : undefined;
}

function floatVerb(letter: string, value: number, directive: Directive): string | undefined {
  const { precision } = directive;
  const size = Math.abs(value);
  const digits = Math.min(precision ?? 6, 100);
  const exponent = (text: string) => text.replace(/e([+-])(\d)$/, "e$10$2");
  if (letter === "f" || letter === "F") return sign(value, directive) + size.toFixed(digits);
  if (letter === "e") return sign(value, directive) + exponent(size.toExponential(digits));
  if (letter === "g" || letter === "v")
    return sign(value, directive) + exponent(precision === undefined ? String(size) : String(Number(size.toPrecision(digits || 1))));
  return undefined;
}

function sign(value: number, { flags }: Directive): string {
  if (value < 0) return "-";
  if (flags.includes("+")) return "+";
  return flags.includes(" ") ? " " : "";
}

function padded(text: string, { flags, width }: Directive, number: boolean): string {
  if (flags.includes("-")) return text.padEnd(width);
  if (!flags.includes("0") || !number) return text.padStart(width);
  const [lead = ""] = /^[-+ ]/.exec(text) ?? [];
  return lead + text.slice(lead.length).padStart(width - lead.length, "0");
}

function typeName(value: Argument): string {
  if (typeof value === "string") return "string";
  return Number.isInteger(value) ? "int64" : "float64";
}

function shown(value: Argument): string {
  return String(value).slice(0, widest);
}

function bounded(digits: string): number {
  const number = Number(digits || 0);
  if (number > widest) throw new RangeError(`sprintf: a width of ${digits.slice(0, 20)} is more than ${widest}`);
  return number;
}

function check(text: string): string {
  if (text.length > longest) throw new RangeError(`sprintf: the text is longer than ${longest} characters`);
  return text;
}
