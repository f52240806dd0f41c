import { CommandError } from './command-error.js';
import { EXIT } from './exit-codes.js';
import { UUID_PATTERN } from '../domain/delivery/uuid.js';

/**
 * Reads an account, webhook or delivery id and returns it in lower case.
 * @throws CommandError that does not repeat the text.
 */
export function parseId(kind: string, text: string): string {
  const id = text.toLowerCase();
  if (!UUID_PATTERN.test(id)) throw new CommandError(`the ${kind} id is not a UUID`, EXIT.usage);
  return id;
}
