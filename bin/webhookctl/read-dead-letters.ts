import { type JetStreamManager, NatsError } from 'nats';
import type { DeadLetter } from '../../cli/dead-letters.js';

/** Reads the dead letters of a stream published since a time (milliseconds since 1970), oldest first. */
export async function* readDeadLetters(
  jsm: JetStreamManager,
  stream: string,
  sinceMs: number,
): AsyncGenerator<DeadLetter> {
  const { state } = await jsm.streams.info(stream);
  // An empty stream reports the sequences 0 to 0, but sequences start at 1.
  const first = await findFirstSequence(jsm, {
    stream,
    sinceMs,
    first: Math.max(1, state.first_seq),
    last: state.last_seq,
  });
  for (let seq = first; seq <= state.last_seq; seq += 1) {
    const message = await readMessage(jsm, stream, seq);
    if (message !== undefined) yield message.json<DeadLetter>();
  }
}

interface Search {
  readonly stream: string;
  readonly sinceMs: number;
  readonly first: number;
  readonly last: number;
}

/** Binary search: times increase with sequences. The sequence of a deleted message counts as too early. */
async function findFirstSequence(jsm: JetStreamManager, { stream, sinceMs, first, last }: Search): Promise<number> {
  let [low, high] = [first, last + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const message = await readMessage(jsm, stream, middle);
    if (message !== undefined && message.time.getTime() >= sinceMs) high = middle;
    else low = middle + 1;
  }
  return low;
}

const NOT_FOUND = '404';

async function readMessage(jsm: JetStreamManager, stream: string, seq: number) {
  try {
    return await jsm.streams.getMessage(stream, { seq });
  } catch (error) {
    if (error instanceof NatsError && error.code === NOT_FOUND) return undefined;
    throw error;
  }
}
