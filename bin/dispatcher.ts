import { describeConfig } from '../config/describe-config.js';
import { loadDispatcherConfig } from '../config/load-dispatcher-config.js';
import { installTemporalRuntime } from './dispatcher/install-temporal-runtime.js';
import { startDispatcher } from './dispatcher/start-dispatcher.js';
import { loadConfigOrExit } from './process/load-config-or-exit.js';
import { createLogger } from './process/logger.js';
import { runProcess } from './process/run-process.js';

const config = loadConfigOrExit(loadDispatcherConfig);
const log = createLogger({ role: 'dispatcher', level: config.process.logLevel });
log.info({ config: describeConfig(config) }, 'starting');
// Must come before the first connection to Temporal.
const temporalRuntime = await installTemporalRuntime(log);

await runProcess({
  log,
  deadlineMs: 28_000,
  start: (lifecycle) => startDispatcher({ config, log, temporalRuntime }, lifecycle),
});
