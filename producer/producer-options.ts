import type { JetStreamClient } from 'nats';

export interface ProducerOptions {
  readonly jetStream: Pick<JetStreamClient, 'publish'>;
  /** Default `webhook.dispatch`. */
  readonly subject?: string;
  /** How long an account's first event waits for others, in milliseconds. Default 5. */
  readonly lingerMs?: number;
  /** Events of one message, at most 100, which is the default. */
  readonly maxEvents?: number;
  /** Events that may wait for the stream's confirmation. Default 1,000. */
  readonly maxUnconfirmed?: number;
  /** How often a message is tried before its events are told that it is not stored. Default 5. */
  readonly tries?: number;
  /** How long a confirmation is waited for, in milliseconds. Default 5,000. */
  readonly timeoutMs?: number;
}
