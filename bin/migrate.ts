import { fileURLToPath } from 'node:url';
import { describeConfig } from '../config/describe-config.js';
import { loadMigrateConfig } from '../config/load-migrate-config.js';
import { runMigrations } from '../db/maintenance/migrate.js';
import { createLogger } from './process/logger.js';
import { openPool } from './process/open-pool.js';
import { loadConfigOrExit } from './process/load-config-or-exit.js';

// Outside dist/, because the SQL files are not compiled.
const migrations = fileURLToPath(new URL('../../db/migrations', import.meta.url));

const config = loadConfigOrExit(loadMigrateConfig);
const log = createLogger({ role: 'migrate', level: config.process.logLevel });
log.info({ config: describeConfig(config) }, 'starting');

const pool = openPool(config.database, log, { poolMax: 1, applicationName: 'webhook-migrate', purpose: 'maintenance' });
try {
  log.info({ ...(await runMigrations(pool, migrations)) }, 'the schema is up to date');
} catch (error) {
  log.fatal({ err: error }, 'migration failed');
  process.exitCode = 1;
} finally {
  await pool.end();
}
