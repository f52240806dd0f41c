import { CommandError } from './command-error.js';
import { EXIT } from './exit-codes.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** An account, webhook or delivery id in lower case. @throws CommandError naming what is wrong, not its text. */
export function parseId(what: string, text: string): string {
  const id = text.toLowerCase();
  if (!UUID.test(id)) throw new CommandError(`the ${what} id is not a UUID`, EXIT.usage);
  return id;
}
