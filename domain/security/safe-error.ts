/** The printable parts of an error: names, codes and places in our code; never a free text. */
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
 * Reduces an error to the parts that may be logged. Messages are dropped, because the messages of pg, drizzle, fetch, JSON and URL repeat
 * their input. A value that is not an error is reduced to its type.
 */
export function safeErr(error: unknown, depth = 0): SafeError {
  if (!isError(error)) return { type: error === null ? 'null' : typeof error };
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  const kind = matchOrUndefined((error as { kind?: unknown }).kind, IDENTIFIER);
  return {
    type: typeOf(error),
    ...(isCode(code) ? { code } : {}),
    ...(kind === undefined ? {} : { kind }),
    ...readIdentifiers(error),
    frames: framesOf(error),
    ...(cause === undefined || cause === null || depth >= MAX_CAUSES ? {} : { cause: safeErr(cause, depth + 1) }),
  };
}

/**
 * Checks the class and the brand. `instanceof` fails for errors of another realm (test runners, worker contexts). The brand
 * check fails for errors with their own `Symbol.toStringTag`, such as node-fetch's.
 */
export const isError = (value: unknown): value is Error =>
  value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';

/** Reads the class name. `name` is an ordinary property, and any code may set it to any text. */
function typeOf(error: Error): string {
  const errorClass: unknown = Reflect.get(error, 'constructor');
  return matchOrUndefined((errorClass as { name?: unknown } | undefined)?.name, TYPE) ?? 'Error';
}

const matchOrUndefined = (value: unknown, form: RegExp): string | undefined =>
  typeof value === 'string' && form.test(value) ? value : undefined;

const isCode = (code: unknown): code is string | number =>
  typeof code === 'number'
    ? Number.isInteger(code) && Math.abs(code) < 1_000
    : matchOrUndefined(code, CODE) !== undefined;

function readIdentifiers(error: object): Pick<SafeError, 'constraint' | 'table' | 'schema'> {
  const fields = error as Record<string, unknown>;
  const names = ['constraint', 'table', 'schema'] as const;
  return Object.fromEntries(
    names.flatMap((name): [string, string][] => {
      const value = matchOrUndefined(fields[name], IDENTIFIER);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/**
 * Returns the stack frames after the message, because a value inside the message may contain lines that look like frames. V8 writes
 * `Name: message` at the start of the stack. If the message was changed later, the start differs and no frame is returned.
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
