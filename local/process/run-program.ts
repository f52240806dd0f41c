import { spawn } from 'node:child_process';
import type { ChildEnvironment } from './start-child.js';

export interface ProgramResult {
  readonly code: number;
  /** Standard output and standard error together. */
  readonly output: string;
}

export interface ProgramOptions {
  readonly env: ChildEnvironment;
  readonly timeoutMs: number;
  /** Aborts the program. */
  readonly signal?: AbortSignal | undefined;
}

/** Runs a program to its end. Code 127 when it cannot be started at all, is aborted or takes longer than `timeoutMs`. */
export const runProgram = (
  command: string,
  args: readonly string[],
  { env, timeoutMs, signal }: ProgramOptions,
): Promise<ProgramResult> =>
  new Promise((resolve) => {
    const child = spawn(command, args, {
      env: { ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      ...(signal && { signal }),
    });
    let output = '';
    const collect = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', (error) => resolve({ code: 127, output: error.message }));
    child.once('close', (code) => resolve({ code: code ?? 127, output }));
  });
