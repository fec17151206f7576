/** Colours of a terminal (ECMA-48 SGR); none where the output is no terminal. */
export interface Paint {
  red(text: string): string;
  yellow(text: string): string;
  green(text: string): string;
  dim(text: string): string;
  bold(text: string): string;
}

export function paint(colour: boolean): Paint {
  const sgr = (code: number) => (text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { red: sgr(31), yellow: sgr(33), green: sgr(32), dim: sgr(2), bold: sgr(1) };
}

/** Text of users on one line, without what steers a terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}
