import { Connection } from '@temporalio/client';
import { connect } from 'nats';
import { ensureStreams } from '../../bridge/nats/streams.js';
import type { SetupConfig } from '../../config/load-setup-config.js';
import { ensureSearchAttributes } from './ensure-search-attributes.js';
import { jetStreamOptions, natsOptions } from './nats-options.js';
import { temporalOptions } from './temporal-options.js';

/** Creates streams and consumer or updates them to their definition. Needs an administrator of NATS. */
export async function setUpNats(nats: SetupConfig['nats']): Promise<void> {
  const connection = await connect({ ...natsOptions(nats, 'webhook-setup'), maxReconnectAttempts: 10 });
  try {
    await ensureStreams(await connection.jetstreamManager(jetStreamOptions(nats)), nats);
  } finally {
    await connection.close();
  }
}

/** Registers missing search attributes and returns their names. */
export async function setUpTemporal(temporal: Pick<SetupConfig['temporal'], 'address' | 'tls' | 'namespace'>) {
  const connection = await Connection.connect(temporalOptions(temporal));
  try {
    return await ensureSearchAttributes(connection, temporal.namespace);
  } finally {
    await connection.close();
  }
}
