import { DELIVERY_DEAD_LETTER_TYPE } from '../contracts/bus/dead-letter.js';
import type { DeliveryDeadLetter, MessageDeadLetter } from '../contracts/bus/dead-letter.js';
import { CommandError } from './command-error.js';
import { EXIT } from './exit-codes.js';
import type { Output } from './output.js';
import { parseId } from './parse-id.js';
import { parseTime } from './parse-time.js';
import { parseAuthor, type AuthorOptions } from './request-author.js';
import { confirmReplay, parseRate, replayAtRate, type ReplayAtRateDeps } from './replay-at-rate.js';

export type DeadLetter = DeliveryDeadLetter | MessageDeadLetter;

export interface DeadLetterOptions {
  readonly account?: string | undefined;
  readonly webhook?: string | undefined;
  readonly since: string;
  readonly limit: string;
}

export interface DeadLettersDeps {
  /** Reads the dead letters published since a time (milliseconds since 1970), oldest first. */
  readonly readDeadLetters: (sinceMs: number) => AsyncIterable<DeadLetter>;
  readonly now: () => number;
}

/** `dead-letters list`: the dead letters of the stream, of deliveries and of rejected messages. */
export async function listDeadLetters(
  deps: DeadLettersDeps,
  options: DeadLetterOptions,
  output: Output,
): Promise<number> {
  const { letters, more } = await selectDeadLetters(deps, options);
  for (const letter of letters) output.writeResult(letter, formatLine(letter, output));
  if (letters.length === 0) output.writeMessage('no dead letters');
  if (more) output.writeMessage(`the first ${letters.length}; --limit and --since show others`);
  return EXIT.ok;
}

export interface ReplayDeadLettersOptions extends DeadLetterOptions, AuthorOptions {
  readonly rate: string;
  readonly yes: boolean;
}

/** `dead-letters replay`: replays the deliveries named in the dead letters. Each letter names its account. */
export async function replayDeadLetters(
  deps: DeadLettersDeps & ReplayAtRateDeps,
  options: ReplayDeadLettersOptions,
  output: Output,
): Promise<number> {
  const author = parseAuthor(options);
  const rate = parseRate(options.rate);
  const { letters } = await selectDeadLetters(deps, options);
  const deliveries = new Map(
    letters.flatMap((letter) => (isDelivery(letter) ? [[letter.deliveryId, letter.accountId] as const] : [])),
  );
  if (deliveries.size === 0) {
    output.writeMessage('no dead letters of deliveries');
    return EXIT.ok;
  }
  if (!(await confirmReplay(deps, { count: deliveries.size, yes: options.yes }, output))) return EXIT.refused;
  const requests = [...deliveries].map(([deliveryId, accountId]) => ({ accountId, deliveryId, ...author }));
  return await replayAtRate(deps, { requests, rate }, output);
}

const isDelivery = (letter: DeadLetter): letter is DeliveryDeadLetter => letter.type === DELIVERY_DEAD_LETTER_TYPE;

const MAX_LETTERS = 1_000;

async function selectDeadLetters({ readDeadLetters, now }: DeadLettersDeps, options: DeadLetterOptions) {
  const limit = /^\d{1,4}$/.test(options.limit) ? Number(options.limit) : 0;
  if (limit < 1 || limit > MAX_LETTERS) throw new CommandError(`--limit: 1 to ${MAX_LETTERS}`, EXIT.usage);
  const accountId = options.account === undefined ? undefined : parseId('account', options.account);
  const webhookId = options.webhook === undefined ? undefined : parseId('webhook', options.webhook);
  const isSelected = (letter: DeadLetter) =>
    isDelivery(letter)
      ? (accountId ?? letter.accountId) === letter.accountId && (webhookId ?? letter.webhookId) === letter.webhookId
      : accountId === undefined && webhookId === undefined;
  const letters: DeadLetter[] = [];
  for await (const letter of readDeadLetters(parseTime(options.since, now()))) {
    if (!isSelected(letter)) continue;
    if (letters.length === limit) return { letters, more: true };
    letters.push(letter);
  }
  return { letters, more: false };
}

function formatLine(letter: DeadLetter, { paint }: Output): string {
  const time = letter.time.slice(0, 19).replace('T', ' ');
  if (!isDelivery(letter)) {
    const problems = letter.problems.map(({ path, problem }) => `${path} ${problem}`.trim()).join('; ');
    return `${time}  ${paint.bad(letter.reason)}  message ${letter.source.sequence} of ${letter.source.stream}: ${problems}`;
  }
  const last = letter.lastResponseStatus ?? letter.lastErrorCode ?? '-';
  const delivery = `${letter.deliveryId}  account ${letter.accountId}  ${letter.eventType} ${letter.eventId}`;
  return `${time}  ${paint.bad(letter.reason)}  ${letter.attempts}× ${last}  ${delivery}`;
}
