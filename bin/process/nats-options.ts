import type { ConnectionOptions } from 'nats';
import type { NatsConnectionConfig } from '../../config/groups/nats.js';

/**
 * How every process of ours connects to NATS. `ignoreAuthErrorAbort`: without it two refused reconnects, as a reload of
 * the server's users causes, close the connection for good in spite of `maxReconnectAttempts`.
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

/** Where the JetStream API is found, for `jetstream()` and `jetstreamManager()`. */
export function jetStreamOptions({ domain, apiPrefix }: Pick<NatsConnectionConfig, 'domain' | 'apiPrefix'>) {
  return {
    ...(domain === undefined ? {} : { domain }),
    ...(apiPrefix === undefined ? {} : { apiPrefix }),
  };
}
