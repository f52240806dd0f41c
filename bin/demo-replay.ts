import type { RetryAccepted } from '../contracts/attempt.js';
import type { DeliveryDeadLetter } from '../contracts/dead-letter.js';
import type { DemoApi } from './demo-api.js';
import type { Terminal } from './demo-terminal.js';

/** Asks for each dead-lettered delivery again, as support would, with what its dead letter says. */
export async function replayDeadLetters(
  { api, terminal }: { api: DemoApi; terminal: Terminal },
  letters: readonly DeliveryDeadLetter[],
): Promise<void> {
  for (const { eventId, replay } of letters) {
    const { status, body } = await api.call(replay.method, replay.path);
    if (status !== 202) throw new Error(`${replay.method} ${replay.path} answered ${status}`);
    terminal.say(`${replay.method} ${replay.path} → 202 ${(body as RetryAccepted).kind} ${eventId}`);
  }
}
