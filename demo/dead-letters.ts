import { MESSAGE_DEAD_LETTER_TYPE } from '../contracts/bus/dead-letter.js';
import type { NatsConnection } from 'nats';
import type { DeliveryDeadLetter, MessageDeadLetter } from '../contracts/bus/dead-letter.js';

/** Dead letters received so far. Both lists grow while the connection is open. */
export interface DeadLetters {
  readonly deliveries: DeliveryDeadLetter[];
  readonly messages: MessageDeadLetter[];
}

/** Subscribes to the dead letter subject. Letters of other accounts are ignored, because the server may be shared. */
export async function collectDeadLetters(nats: NatsConnection, accountId: string): Promise<DeadLetters> {
  const letters: DeadLetters = { deliveries: [], messages: [] };
  nats.subscribe('webhook.dispatch.deadletter', {
    callback: (error, message) => {
      if (error) return;
      const letter = message.json<DeliveryDeadLetter | MessageDeadLetter>();
      if (letter.type === MESSAGE_DEAD_LETTER_TYPE) letters.messages.push(letter);
      else if (letter.accountId === accountId) letters.deliveries.push(letter);
    },
  });
  await nats.flush();
  return letters;
}
