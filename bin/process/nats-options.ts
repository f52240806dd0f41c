import type { ConnectionOptions } from 'nats';
import type { NatsConnectionConfig } from '../../config/groups/nats.js';

/**
 * Builds the connection options of all our processes. Without `ignoreAuthErrorAbort` two refused reconnects, which a
 * reload of the server's users can cause, would close the connection permanently in spite of `maxReconnectAttempts`.
 */
export function natsOptions({ servers, tls, inboxPrefix }: NatsConnectionConfig, name: string): ConnectionOptions {
  return {
    servers: [...servers],
    name,
    inboxPrefix,
    ...(tls === undefined ? {} : { tls }),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 500,
    ignoreAuthErrorAbort: true,
    waitOnFirstConnect: true,
    timeout: 5_000,
    pingInterval: 10_000,
    maxPingOut: 2,
  };
}

/** Builds the options of `jetstream()` and `jetstreamManager()` that locate the JetStream API. */
export function jetStreamOptions({ domain, apiPrefix }: Pick<NatsConnectionConfig, 'domain' | 'apiPrefix'>) {
  return {
    ...(domain === undefined ? {} : { domain }),
    ...(apiPrefix === undefined ? {} : { apiPrefix }),
  };
}
