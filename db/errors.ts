/** Kinds of failure, by what the caller can do about them. */
export type DatabaseErrorKind =
  /** No server, no connection, or a timeout: the same statement may succeed later. */
  | 'unavailable'
  /** A value that PostgreSQL cannot store (`\u0000`, a lone surrogate, nested too deep): no retry succeeds. */
  | 'refused_value'
  /** A deadlock or a serialization failure: repeat at once. */
  | 'contention'
  /** A constraint of the schema refused the row. */
  | 'constraint'
  /** No such table, no privilege, a wrong password: no statement succeeds until an operator repairs it. */
  | 'misconfigured'
  | 'bug';

/** Failures that no statement, row or message has caused: the same call may succeed later. */
export const TRANSIENT_KINDS: ReadonlySet<DatabaseErrorKind> = new Set(['unavailable', 'misconfigured', 'contention']);

/**
 * A failed statement, without its values. Errors of the driver and the query builder carry bound parameters, the failing row
 * or the start of the payload; they must not leave this folder.
 */
export class DatabaseError extends Error {
  readonly kind: DatabaseErrorKind;
  /** SQLSTATE, or the system's error code if no server answered. */
  readonly code: string;
  readonly constraint: string | undefined;

  constructor(kind: DatabaseErrorKind, code: string, constraint?: string) {
    super(`database: ${kind} (${code})`);
    this.name = 'DatabaseError';
    this.kind = kind;
    this.code = code;
    this.constraint = constraint;
  }
}

/** The kind of any thrown value: `bug` unless it is a DatabaseError. */
export const classifyDatabaseError = (error: unknown): DatabaseErrorKind =>
  error instanceof DatabaseError ? error.kind : 'bug';

/** SQLSTATE, or a system error such as ECONNREFUSED. A string of digits as long as a phone number does not match. */
const CODE = /^(?:[0-9A-Z]{5}|[A-Z][A-Z0-9_]{1,39})$/;
const IDENTIFIER = /^[a-z0-9_]{1,63}$/;

/** Converts any error of pg or drizzle. Follows `cause` and keeps only codes and constraint names. */
export function toDatabaseError(error: unknown, depth = 0): DatabaseError {
  if (error instanceof DatabaseError) return error;
  const { code, constraint, cause } = (error ?? {}) as { code?: unknown; constraint?: unknown; cause?: unknown };
  if (typeof code === 'string' && CODE.test(code)) {
    const name = typeof constraint === 'string' && IDENTIFIER.test(constraint) ? constraint : undefined;
    return new DatabaseError(classifyCode(code), code, name);
  }
  if (cause !== undefined && depth < 3) return toDatabaseError(cause, depth + 1);
  if (isConnectionLoss(error)) return new DatabaseError('unavailable', 'NO_CONNECTION');
  return isRefusedLogin(error)
    ? new DatabaseError('misconfigured', 'LOGIN_REFUSED')
    : new DatabaseError('bug', 'UNKNOWN');
}

/** SQLSTATE classes: PostgreSQL documentation, appendix A. 25006: a standby that has not been promoted yet. */
function classifyCode(code: string): DatabaseErrorKind {
  if (isSystemCode(code) || /^(08|53|57|58|55P03|25006|25P03|25P04)/.test(code)) return 'unavailable';
  if (/^(22|54)/.test(code)) return 'refused_value';
  if (code === '40001' || code === '40P01') return 'contention';
  if (code.startsWith('23')) return 'constraint';
  // Our statements are constants, so a wrong name or a missing privilege fails for every value.
  return /^(28|3D|3F|42)/.test(code) ? 'misconfigured' : 'bug';
}

/** ECONNREFUSED and the like. EPIPE has the length of an SQLSTATE; no class of those begins with an E. */
const isSystemCode = (code: string): boolean => !/^[0-9A-Z]{5}$/.test(code) || /^E[A-Z]/.test(code);

/** pg reports a lost connection and a timeout without a code; these are all its messages for them. */
const isConnectionLoss = (error: unknown): boolean =>
  /^(Connection terminated|timeout exceeded|timeout expired|Query read timeout|Client has encountered a connection error|Client was closed|Cannot use a pool after|There was an error establishing an SSL connection)/.test(
    messageOf(error),
  );

/** Errors without a code: no usable password for the login, or a server without TLS. */
const isRefusedLogin = (error: unknown): boolean => /^(SASL: |The server does not support SSL)/.test(messageOf(error));

function messageOf(error: unknown): string {
  const message = (error as { message?: unknown } | null)?.message;
  return typeof message === 'string' ? message : '';
}
