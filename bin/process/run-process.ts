import type { Log } from './logger.js';

export interface Lifecycle {
  /** Registers how to undo what was just opened. What was opened last is closed first. */
  readonly onStop: (name: string, stop: () => unknown) => void;
  /** True from the first signal on: readiness ends, and HTTP connections are told to close. */
  readonly isStopping: () => boolean;
  /** Ends the process in order, with exit code 1, because something it cannot do without is gone for good. */
  readonly fail: (error: unknown) => void;
}

type Signal = 'SIGTERM' | 'SIGINT' | 'SIGUSR1';
/** The part of `process` that this needs. */
export interface ProcessHost {
  readonly on: (
    event: Signal | 'uncaughtException' | 'unhandledRejection',
    listener: (cause: unknown) => void,
  ) => unknown;
  readonly exit: (code: number) => unknown;
}

export interface ProcessOptions {
  readonly log: Log;
  /** Milliseconds that all closing steps have together; less than the platform's grace period. */
  readonly deadlineMs: number;
  readonly start: (lifecycle: Lifecycle) => Promise<void>;
  readonly host?: ProcessHost;
}

/**
 * Runs a process until SIGTERM or SIGINT and closes it in order: exit code 0 when every step succeeded, 1 when one failed,
 * when the deadline passed or on a second signal. A process that fails to start closes what it had opened.
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
      void closing.begin();
    });
  }
  // Node's own handler opens a debugger, which reads all memory; one that does nothing takes its place.
  host.on('SIGUSR1', () => undefined);
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) host.on(event, fail(event));
  await start({ onStop: closing.add, isStopping: closing.begun, fail: fail('failed') }).catch(fail('did not start'));
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

  const begin = async () => {
    if (current !== undefined) {
      log.warn({ step: current }, 'told again: not waiting any longer');
      exit(1);
      return;
    }
    current = 'begin';
    const deadline = setTimeout(() => {
      log.error({ step: current, deadlineMs }, 'did not stop in time');
      exit(1);
    }, deadlineMs);
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      current = step.name;
      if (!(await closed(step, log))) code = 1;
    }
    clearTimeout(deadline);
    log.info({ exitCode: code }, 'stopped');
    exit(code);
  };
  /** What fails while the process closes anyway, as lost servers make it, must not cut the closing short. */
  const fail = () => {
    code = 1;
    if (current === undefined) void begin();
  };
  const add = (name: string, stop: () => unknown) => void steps.push({ name, stop });
  return { begin, fail, add, begun: () => current !== undefined };
}

/** One failed step must not keep the others open. */
async function closed({ name, stop }: Step, log: Log): Promise<boolean> {
  try {
    await stop();
    return true;
  } catch (error) {
    log.error({ err: error, step: name }, 'did not close cleanly');
    return false;
  }
}
