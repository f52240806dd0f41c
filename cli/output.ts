import { createPaint, type Paint } from './paint.js';

/** The used part of a writable stream. */
export interface Sink {
  readonly isTTY?: boolean | undefined;
  readonly write: (text: string) => unknown;
}

export interface Output {
  /** `--json`: one object per line, for programs. */
  readonly json: boolean;
  /** Output goes to a terminal: prompts, a progress bar and overwritten lines are possible. */
  readonly isInteractive: boolean;
  readonly paint: Paint;
  /** Writes the result of the command to standard output: the object with `--json`, else the lines. */
  readonly writeResult: (value: object, lines: string | readonly string[]) => void;
  /** Writes a message to standard error, so that a pipe receives only results. */
  readonly writeMessage: (line: string) => void;
}

export interface OutputOptions {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly json: boolean;
}

/** Colors on a terminal; none in a pipe, with `--json`, with NO_COLOR (https://no-color.org) or TERM=dumb. */
export function createOutput({ stdout, stderr, env, json }: OutputOptions): Output {
  const isInteractive = stdout.isTTY === true && stderr.isTTY === true && env['TERM'] !== 'dumb' && !json;
  return {
    json,
    isInteractive,
    paint: createPaint(isInteractive && !env['NO_COLOR']),
    writeResult: (value, lines) => {
      const text = json ? JSON.stringify(value) : typeof lines === 'string' ? lines : lines.join('\n');
      if (text !== '') stdout.write(`${text}\n`);
    },
    writeMessage: (line) => void stderr.write(`${line}\n`),
  };
}
