import { describeConfig } from '../config/describe-config.js';
import { loadMigrateConfig } from '../config/load-migrate-config.js';
import { maintainPartitions } from '../db/maintenance/attempt-partitions.js';
import { createLogger } from './process/logger.js';
import { openPool } from './process/open-pool.js';
import { PARTITIONS_USAGE, readPartitionsOptions } from './partitions-options.js';
import { loadConfigOrExit } from './process/load-config-or-exit.js';

const EX_USAGE = 64;

const options = readPartitionsOptions(process.argv.slice(2));
if (options === undefined) {
  console.error(PARTITIONS_USAGE);
  process.exit(EX_USAGE);
}
const config = loadConfigOrExit(loadMigrateConfig);
const log = createLogger({ role: 'partitions', level: config.process.logLevel });
log.info({ config: describeConfig(config), ...options }, 'starting');

const pool = openPool(config.database, log, {
  poolMax: 1,
  applicationName: 'webhook-partitions',
  purpose: 'maintenance',
});
try {
  const { made, dropped, kept } = await maintainPartitions(pool, { ...options, nowMs: Date.now() });
  const { dryRun } = options;
  for (const { name, bytes, durationMs } of dropped)
    log.info({ partition: name, bytes, durationMs, dryRun }, dryRun ? 'would be dropped' : 'dropped');
  for (const { name, bytes } of kept)
    log.warn({ partition: name, bytes }, 'kept: it contains deliveries without an outcome');
  log.info({ made, dropped: dropped.length, kept: kept.length, dryRun }, 'partition maintenance finished');
} catch (error) {
  log.fatal({ err: error }, 'not finished: run it again for the rest');
  process.exitCode = 1;
} finally {
  await pool.end();
}
