import { NativeConnection } from '@temporalio/worker';
import { connect } from 'nats';
import type { DispatcherConfig } from '../../config/load-dispatcher-config.js';
import { createKmsWithPreviousKey } from '../../keys/kms-with-previous-key.js';
import type { Log } from '../process/logger.js';
import { measureKms } from '../process/measure-kms.js';
import { natsOptions } from '../process/nats-options.js';
import { openPool } from '../process/open-pool.js';
import type { Lifecycle } from '../process/run-process.js';
import { temporalOptions } from '../process/temporal-options.js';

interface ConnectionsOptions {
  readonly config: DispatcherConfig;
  readonly log: Log;
}

export type Connections = Awaited<ReturnType<typeof openConnections>>;

/**
 * Opens the connections to PostgreSQL, KMS, NATS and Temporal. gRPC compression is off: inside a cluster it costs more
 * than it saves.
 */
export async function openConnections({ config, log }: ConnectionsOptions, { onStop, isStopping, fail }: Lifecycle) {
  const { database, nats: natsConfig, temporal } = config;
  const db = openPool(database, log, { applicationName: 'webhook-dispatcher' });
  onStop('database', () => db.end());
  const kms = measureKms(createKmsWithPreviousKey(config.kms));
  onStop('kms', () => kms.close());
  const nats = await connect(natsOptions(natsConfig, 'webhook-dispatcher'));
  onStop('nats', () => nats.drain());
  void nats.closed().then((error) => {
    if (!isStopping()) fail(error ?? new Error('the NATS connection was closed'));
  });
  const connection = await NativeConnection.connect({
    ...temporalOptions(temporal),
    grpcCompression: { codec: 'none' },
  });
  onStop('temporal', () => connection.close());
  return { db, kms, nats, connection };
}
