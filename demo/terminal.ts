type Paint = (text: string) => string;

export interface Terminal {
  /** Prints one line, indented below its heading. */
  readonly say: (line?: string) => void;
  readonly heading: (text: string) => void;
  /** Prints a text that the next one overwrites. Undefined if the output cannot overwrite. */
  readonly progress: ((text: string) => void) | undefined;
  readonly good: Paint;
  readonly bad: Paint;
  readonly warn: Paint;
  readonly faint: Paint;
  readonly strong: Paint;
}

interface Output {
  readonly isTTY?: boolean;
  readonly write: (text: string) => unknown;
}

/**
 * Creates the output of the demo: colors and overwritten progress on a terminal, plain lines in a pipe, with NO_COLOR
 * (https://no-color.org) or TERM=dumb.
 */
export function createTerminal(out: Output, env: Readonly<Record<string, string | undefined>>): Terminal {
  const live = out.isTTY === true && env['TERM'] !== 'dumb';
  const paint = (code: number): Paint =>
    live && !env['NO_COLOR'] ? (text) => `\u001b[${code}m${text}\u001b[0m` : (text) => text;
  const clear = live ? '\r\u001b[2K' : '';
  const strong = paint(1);
  return {
    say: (line = '') => out.write(line === '' ? `${clear}\n` : `${clear}   ${line}\n`),
    heading: (text) => out.write(`${clear}\n${strong(text)}\n`),
    progress: live ? (text) => out.write(`${clear}   ${text}`) : undefined,
    good: paint(32),
    bad: paint(31),
    warn: paint(33),
    faint: paint(2),
    strong,
  };
}
