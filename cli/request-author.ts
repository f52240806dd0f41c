import { CommandError } from './command-error.js';
import { EXIT } from './exit-codes.js';

export interface AuthorOptions {
  /** Stored with the attempt and in the workflow. */
  readonly reason: string;
  /** The requester: the name of a team or a ticket. It is visible in Temporal, so it must not be a person's address. */
  readonly as: string;
}

/**
 * Reads requester and reason. Both are stored in Temporal and PostgreSQL in plain text, so a text that looks like a phone
 * number or an address is refused. @throws CommandError
 */
export function parseAuthor({ reason, as }: AuthorOptions): { requestedBy: string; reason: string } {
  const text = reason.trim();
  if (text === '' || text.length > 200 || /[\p{Cc}\p{Surrogate}]/u.test(text))
    throw new CommandError('--reason: 1 to 200 characters on one line', EXIT.usage);
  if (/\+?\d[\d ()/-]{6,}\d/.test(text) || text.includes('@'))
    throw new CommandError(
      '--reason: looks like a phone number or an address, and would be stored in plain text',
      EXIT.usage,
    );
  if (!/^[A-Za-z0-9_.-]{1,40}$/.test(as))
    throw new CommandError('--as: 1 to 40 letters, digits, _, . and -', EXIT.usage);
  return { requestedBy: as, reason: text };
}
