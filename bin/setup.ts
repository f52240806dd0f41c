import { describeConfig } from '../config/describe-config.js';
import { loadSetupConfig } from '../config/load-setup-config.js';
import { createLogger } from './process/logger.js';
import { loadConfigOrExit } from './process/load-config-or-exit.js';
import { setUpNats, setUpTemporal } from './process/set-up-servers.js';

const config = loadConfigOrExit(loadSetupConfig);
const log = createLogger({ role: 'setup', level: config.process.logLevel });
log.info({ config: describeConfig(config) }, 'starting');

try {
  await setUpNats(config.nats);
  log.info(
    { stream: config.nats.stream, deadLetterStream: config.nats.deadLetterStream },
    'the streams match their definition',
  );
  const added = await setUpTemporal(config.temporal);
  log.info({ added }, 'the search attributes are registered');
} catch (error) {
  log.fatal({ err: error }, 'setup failed');
  process.exitCode = 1;
}
