/** What the caller can do about it. */
export type DatabaseErrorKind =
  /** Nobody there, no connection, no time: the same statement may pass later. */
  | 'unavailable'
  /** A value that PostgreSQL cannot hold (`\u0000`, a lone surrogate, nested too deep): it never will. */
  | 'refused_value'
  /** Two transactions in each other's way: repeat at once. */
  | 'contention'
  /** A rule of the schema said no. */
  | 'constraint'
  /** No such table, no privilege, a wrong password: no statement passes until somebody repairs it. */
  | 'misconfigured'
  | 'bug';

/** Failures that no statement, row or message has caused: the same may pass later. */
export const TRANSIENT_KINDS: ReadonlySet<DatabaseErrorKind> = new Set(['unavailable', 'misconfigured', 'contention']);

/**
 * A failed statement without its values. Driver and query-builder errors carry bound parameters, the failing row or the
 * start of the payload; none of them may leave this folder.
 */
export class DatabaseError extends Error {
  readonly kind: DatabaseErrorKind;
  /** SQLSTATE, or the system's code where no server answered. */
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

/** What the caller of a statement can do about what it threw. */
export const classifyDatabaseError = (error: unknown): DatabaseErrorKind =>
  error instanceof DatabaseError ? error.kind : 'bug';

/** SQLSTATE, or a name of the system's. Nothing as long as a phone number is all digits. */
const CODE = /^(?:[0-9A-Z]{5}|[A-Z][A-Z0-9_]{1,39})$/;
const IDENTIFIER = /^[a-z0-9_]{1,63}$/;

/** Maps whatever pg or drizzle threw; looks through `cause`, keeps nothing but codes and names. */
export function toDatabaseError(error: unknown, depth = 0): DatabaseError {
  if (error instanceof DatabaseError) return error;
  const { code, constraint, cause } = (error ?? {}) as { code?: unknown; constraint?: unknown; cause?: unknown };
  if (typeof code === 'string' && CODE.test(code)) {
    const name = typeof constraint === 'string' && IDENTIFIER.test(constraint) ? constraint : undefined;
    return new DatabaseError(kindOf(code), code, name);
  }
  if (cause !== undefined && depth < 3) return toDatabaseError(cause, depth + 1);
  if (isConnectionLoss(error)) return new DatabaseError('unavailable', 'NO_CONNECTION');
  return isRefusedLogin(error)
    ? new DatabaseError('misconfigured', 'LOGIN_REFUSED')
    : new DatabaseError('bug', 'UNKNOWN');
}

/** SQLSTATE classes: PostgreSQL documentation, appendix A. 25006: a standby that has not been promoted yet. */
function kindOf(code: string): DatabaseErrorKind {
  if (isSystemCode(code) || /^(08|53|57|58|55P03|25006|25P03|25P04)/.test(code)) return 'unavailable';
  if (/^(22|54)/.test(code)) return 'refused_value';
  if (code === '40001' || code === '40P01') return 'contention';
  if (code.startsWith('23')) return 'constraint';
  // Our statements are constants, so what is wrong with their names or privileges is wrong for every value.
  return /^(28|3D|3F|42)/.test(code) ? 'misconfigured' : 'bug';
}

/** ECONNREFUSED and the like. EPIPE has the length of an SQLSTATE; no class of those begins with an E. */
const isSystemCode = (code: string): boolean => !/^[0-9A-Z]{5}$/.test(code) || /^E[A-Z]/.test(code);

/** pg reports a lost or late connection without a code; these are all its texts for it. */
const isConnectionLoss = (error: unknown): boolean =>
  /^(Connection terminated|timeout exceeded|timeout expired|Query read timeout|Client has encountered a connection error|Client was closed|Cannot use a pool after|There was an error establishing an SSL connection)/.test(
    messageOf(error),
  );

/** Neither has a code: the client has no password that would do, or the server no TLS. */
const isRefusedLogin = (error: unknown): boolean => /^(SASL: |The server does not support SSL)/.test(messageOf(error));

function messageOf(error: unknown): string {
  const message = (error as { message?: unknown } | null)?.message;
  return typeof message === 'string' ? message : '';
}
