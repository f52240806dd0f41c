import type { Log } from './logger.js';

export interface Lifecycle {
  /** Registers a closing step. The steps run in reverse order of their registration. */
  readonly onStop: (name: string, stop: () => unknown) => void;
  /** True from the first signal on: `/ready` fails, and HTTP responses ask the client to close its connection. */
  readonly isStopping: () => boolean;
  /** Runs all closing steps and exits with code 1. For a permanent loss of something that the process needs. */
  readonly fail: (error: unknown) => void;
}

type Signal = 'SIGTERM' | 'SIGINT' | 'SIGUSR1';
/** The used part of Node's `process`. */
export interface ProcessHost {
  readonly on: (
    event: Signal | 'uncaughtException' | 'unhandledRejection',
    listener: (cause: unknown) => void,
  ) => unknown;
  readonly exit: (code: number) => unknown;
}

export interface ProcessOptions {
  readonly log: Log;
  /** Milliseconds for all closing steps together. Must be less than the platform's grace period. */
  readonly deadlineMs: number;
  readonly start: (lifecycle: Lifecycle) => Promise<void>;
  readonly host?: ProcessHost;
}

/**
 * Runs a process until SIGTERM or SIGINT and then runs its closing steps. Exit code 0 if every step succeeded; 1 if a
 * step failed, the deadline passed or a second signal arrived. If the start fails, the steps registered so far run.
 */
export async function runProcess({ log, deadlineMs, start, host = process }: ProcessOptions): Promise<void> {
  const exit = (code: number) => host.exit(code);
  const closing = createClosing({ log, deadlineMs, exit });
  const fail = (message: string) => (error: unknown) => {
    log.fatal({ err: error }, message);
    closing.fail();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    host.on(signal, () => {
      log.info({ signal }, 'stopping');
      void closing.start();
    });
  }
  // Node's default handler opens the debugger port, through which all memory can be read. This handler replaces it.
  host.on('SIGUSR1', () => undefined);
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) host.on(event, fail(event));
  await start({ onStop: closing.add, isStopping: closing.isStarted, fail: fail('failed') }).catch(
    fail('did not start'),
  );
}

interface Step {
  readonly name: string;
  readonly stop: () => unknown;
}

interface ClosingOptions extends Pick<ProcessOptions, 'log' | 'deadlineMs'> {
  readonly exit: (code: number) => unknown;
}

function createClosing({ log, deadlineMs, exit }: ClosingOptions) {
  const steps: Step[] = [];
  let current: string | undefined;
  let code = 0;

  const start = async () => {
    if (current !== undefined) {
      log.warn({ step: current }, 'second signal: exiting without waiting');
      exit(1);
      return;
    }
    current = 'start of closing';
    const deadline = setTimeout(() => {
      log.error({ step: current, deadlineMs }, 'did not stop in time');
      exit(1);
    }, deadlineMs);
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      current = step.name;
      if (!(await runStep(step, log))) code = 1;
    }
    clearTimeout(deadline);
    log.info({ exitCode: code }, 'stopped');
    exit(code);
  };
  /** An error during the closing steps, such as a lost server, must not skip the remaining steps. */
  const fail = () => {
    code = 1;
    if (current === undefined) void start();
  };
  const add = (name: string, stop: () => unknown) => void steps.push({ name, stop });
  return { start, fail, add, isStarted: () => current !== undefined };
}

/** Resolves with false if the step failed, so that the remaining steps still run. */
async function runStep({ name, stop }: Step, log: Log): Promise<boolean> {
  try {
    await stop();
    return true;
  } catch (error) {
    log.error({ err: error, step: name }, 'did not close cleanly');
    return false;
  }
}
