import type { JetStreamClient } from 'nats';

export interface ProducerOptions {
  readonly jetStream: Pick<JetStreamClient, 'publish'>;
  /** Default `webhook.dispatch`. */
  readonly subject?: string;
  /** How long an account's first event waits for others, in milliseconds. Default 5. */
  readonly lingerMs?: number;
  /** Maximum number of events in one message, 1 to 100. Default 100. */
  readonly maxEvents?: number;
  /** Maximum number of events that the stream has not yet confirmed. Default 1,000. */
  readonly maxUnconfirmed?: number;
  /** Tries to publish a message before its events fail with `not_stored`. Default 5. */
  readonly tries?: number;
  /** How long each try waits for the confirmation, in milliseconds. Default 5,000. */
  readonly timeoutMs?: number;
}
