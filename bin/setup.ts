import { Connection } from '@temporalio/client';
import { connect } from 'nats';
import { ensureStreams } from '../bridge/streams.js';
import { describeConfig } from '../config/describe-config.js';
import { loadSetupConfig, type SetupConfig } from '../config/load-setup-config.js';
import { ensureSearchAttributes } from './ensure-search-attributes.js';
import { createLogger } from './logger.js';
import { jetStreamOptions, natsOptions } from './nats-options.js';
import { readConfig } from './read-config.js';
import { temporalOptions } from './temporal-options.js';

const config = readConfig(loadSetupConfig);
const log = createLogger({ role: 'setup', level: config.process.logLevel });
log.info({ config: describeConfig(config) }, 'starting');

try {
  await setUpNats(config.nats);
  log.info(
    { stream: config.nats.stream, deadLetterStream: config.nats.deadLetterStream },
    'the streams are as defined',
  );
  const added = await setUpTemporal(config.temporal);
  log.info({ added }, 'the search attributes are registered');
} catch (error) {
  log.fatal({ err: error }, 'not set up');
  process.exitCode = 1;
}

async function setUpNats(nats: SetupConfig['nats']): Promise<void> {
  const connection = await connect({ ...natsOptions(nats, 'webhook-setup'), maxReconnectAttempts: 10 });
  try {
    await ensureStreams(await connection.jetstreamManager(jetStreamOptions(nats)), nats);
  } finally {
    await connection.close();
  }
}

async function setUpTemporal(temporal: SetupConfig['temporal']): Promise<string[]> {
  const connection = await Connection.connect(temporalOptions(temporal));
  try {
    return await ensureSearchAttributes(connection, temporal.namespace);
  } finally {
    await connection.close();
  }
}
