import { pino, type Logger } from 'pino';
import { isError, safeErr } from '../../domain/security/safe-error.js';

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'>;

interface LoggerOptions {
  /** Which process speaks: `api`, `dispatcher`, `migrate`, `setup`. */
  readonly role: string;
  readonly level: string;
  /** Where lines go; standard output if absent. */
  readonly destination?: { write: (line: string) => void };
}

/**
 * JSON lines on standard output. Errors under whatever key, and whatever stands under `err`, pass through `safeErr`; their
 * messages are never printed, not even as the line's own message, which pino would take from the error where none is given.
 */
export function createLogger({ role, level, destination }: LoggerOptions): Log {
  const options = {
    level,
    base: { role },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: {
      level: (label: string) => ({ level: label }),
      log: (fields: Record<string, unknown>) =>
        Object.fromEntries(
          Object.entries(fields).map(([key, value]) => [key, key === 'err' || isError(value) ? safeErr(value) : value]),
        ),
    },
    hooks: {
      logMethod(this: Logger, args: unknown[], method: (...args: unknown[]) => void) {
        const [first, message] = args;
        const fields = isError(first) ? { err: first } : first;
        method.apply(this, typeof first === 'string' ? args : [fields, typeof message === 'string' ? message : '']);
      },
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
