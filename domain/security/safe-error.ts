/** What may be printed of an error: names, codes and places in our code, never a text that somebody composed. */
export interface SafeError {
  readonly type: string;
  readonly code?: string | number;
  readonly kind?: string;
  readonly constraint?: string;
  readonly table?: string;
  readonly schema?: string;
  readonly frames?: string[];
  readonly cause?: SafeError;
}

const TYPE = /^[A-Za-z]{1,40}$/;
/** SQLSTATE, ECONNREFUSED, PERMISSIONS_VIOLATION, throttled. Short runs of digits only: a phone number is longer. */
const CODE = /^(?:\d{1,5}|[0-9A-Z]{5}|[A-Z][A-Z0-9_]{1,39}|[a-z][a-z_]{1,39})$/;
const IDENTIFIER = /^[a-z_][a-z0-9_]{0,62}$/;
const FRAME = /^\s+at .*:\d+:\d+\)?$/;
const MAX_FRAMES = 12;
const MAX_CAUSES = 3;

/**
 * An error as it may appear in a log. Messages are dropped: those of pg, drizzle, fetch, JSON and URL repeat the values
 * they were given. Whatever is not an error becomes its type.
 */
export function safeErr(error: unknown, depth = 0): SafeError {
  if (!isError(error)) return { type: error === null ? 'null' : typeof error };
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  const kind = allowed((error as { kind?: unknown }).kind, IDENTIFIER);
  return {
    type: typeOf(error),
    ...(isCode(code) ? { code } : {}),
    ...(kind === undefined ? {} : { kind }),
    ...identifiers(error),
    frames: framesOf(error),
    ...(cause === undefined || cause === null || depth >= MAX_CAUSES ? {} : { cause: safeErr(cause, depth + 1) }),
  };
}

/**
 * By class, or by brand: `instanceof` fails for errors of another realm, as test runners and worker contexts have them, and
 * the brand for those that name themselves, as node-fetch's do.
 */
export const isError = (value: unknown): value is Error =>
  value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';

/** The class, since `name` is an ordinary property that anybody may write to. */
function typeOf(error: Error): string {
  const made: unknown = Reflect.get(error, 'constructor');
  return allowed((made as { name?: unknown } | undefined)?.name, TYPE) ?? 'Error';
}

const allowed = (value: unknown, form: RegExp): string | undefined =>
  typeof value === 'string' && form.test(value) ? value : undefined;

const isCode = (code: unknown): code is string | number =>
  typeof code === 'number' ? Number.isInteger(code) && Math.abs(code) < 1_000 : allowed(code, CODE) !== undefined;

function identifiers(error: object): Pick<SafeError, 'constraint' | 'table' | 'schema'> {
  const fields = error as Record<string, unknown>;
  const names = ['constraint', 'table', 'schema'] as const;
  return Object.fromEntries(
    names.flatMap((name): [string, string][] => {
      const value = allowed(fields[name], IDENTIFIER);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/**
 * Only what stands behind the message: a value inside a message may contain lines that look like frames. Where the message
 * was changed after construction it is not where V8 has put it, `Name: message`, and nothing is shown.
 */
function framesOf({ stack, message }: Error): string[] {
  if (typeof stack !== 'string' || typeof message !== 'string') return [];
  const [head = ''] = /^[\w$.]*(?: \[\w+\])?(?:: |(?=\n|$))/.exec(stack) ?? [];
  if (!stack.startsWith(`${message}\n`, head.length)) return [];
  const lines = stack.slice(head.length + message.length).split('\n');
  return lines
    .filter((line) => FRAME.test(line))
    .slice(0, MAX_FRAMES)
    .map((line) => line.trim());
}
