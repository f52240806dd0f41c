import { pino, type Logger } from 'pino';
import { isError, safeErr } from '../../domain/security/safe-error.js';

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'>;

interface LoggerOptions {
  /** Name of the process, such as `api`, `dispatcher`, `migrate` or `setup`. */
  readonly role: string;
  readonly level: string;
  /** Destination of the lines; standard output if absent. */
  readonly destination?: { write: (line: string) => void };
}

/**
 * Creates a logger that writes JSON lines. Every error, and every value of the key `err`, passes through `safeErr`, so
 * that error messages are never printed. The hook also sets an empty line message, because pino would otherwise use the
 * error's message.
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
