import type { ProducerOptions } from './producer-options.js';
import { ProducerError } from './producer-error.js';

export interface StreamMessage {
  readonly data: string;
  /** `Nats-Msg-Id`: the same on every try. */
  readonly id: string;
}

const FIRST_BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 2_000;

/** Errors of NATS that no retry changes. */
const FINAL_CODES = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_DRAINING',
  'PERMISSIONS_VIOLATION',
  'MAX_PAYLOAD_EXCEEDED',
]);

/** Publishes a message, with exponential backoff, until the stream confirms it. @throws ProducerError `not_stored` */
export async function publishUntilConfirmed(
  { jetStream, subject = 'webhook.dispatch', tries = 5, timeoutMs = 5_000 }: ProducerOptions,
  { data, id }: StreamMessage,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await jetStream.publish(subject, data, { msgID: id, timeout: timeoutMs });
      return;
    } catch (error) {
      const { code } = error as { code?: string };
      if (attempt >= tries || (code !== undefined && FINAL_CODES.has(code)))
        throw new ProducerError('not_stored', `the stream did not confirm the message (${code ?? 'unknown'})`, {
          cause: error,
        });
      await new Promise((resolve) =>
        setTimeout(resolve, Math.min(FIRST_BACKOFF_MS * 2 ** (attempt - 1), MAX_BACKOFF_MS)),
      );
    }
  }
}
