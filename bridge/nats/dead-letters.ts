import type { JetStreamClient } from 'nats';
import {
  type DeliveryDeadLetter,
  deliveryDeadLetterSchema,
  type MessageDeadLetter,
  messageDeadLetterSchema,
} from '../../contracts/bus/dead-letter.js';

const PUBLISH_TIMEOUT_MS = 5_000;

export interface DeadLetterPublisher {
  readonly publishDeliveryDeadLetter: (letter: DeliveryDeadLetter) => Promise<void>;
  readonly publishMessageDeadLetter: (letter: MessageDeadLetter) => Promise<void>;
}

/**
 * Publishes dead letters and waits for the broker's acknowledgement.
 * @throws NatsError if the broker does not answer; ZodError on an unknown field, because the schemas are closed.
 */
export function createDeadLetterPublisher(jetStream: JetStreamClient, subject: string): DeadLetterPublisher {
  const publish = async (id: string, letter: unknown): Promise<void> => {
    const data = new TextEncoder().encode(JSON.stringify(letter));
    await jetStream.publish(subject, data, { msgID: id, timeout: PUBLISH_TIMEOUT_MS });
  };
  return {
    publishDeliveryDeadLetter: async (letter) => await publish(letter.id, deliveryDeadLetterSchema.parse(letter)),
    publishMessageDeadLetter: async (letter) => await publish(letter.id, messageDeadLetterSchema.parse(letter)),
  };
}
