import { CommandError } from './command-error.js';
import { EXIT } from './exit-codes.js';
import { UUID_PATTERN } from '../domain/delivery/uuid.js';

/** An account, webhook or delivery id in lower case. @throws CommandError naming what is wrong, not its text. */
export function parseId(what: string, text: string): string {
  const id = text.toLowerCase();
  if (!UUID_PATTERN.test(id)) throw new CommandError(`the ${what} id is not a UUID`, EXIT.usage);
  return id;
}
