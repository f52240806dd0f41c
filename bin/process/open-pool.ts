import type { DatabaseConfig } from '../../config/groups/database.js';
import { createPool, type Database } from '../../db/client.js';
import type { Log } from './logger.js';

interface PoolUse {
  readonly applicationName: string;
  /** Maximum number of connections. Default: the configured one. */
  readonly poolMax?: number;
  readonly purpose?: 'maintenance';
}

/** Opens a pool from the configuration. A lost idle connection is logged, and the pool replaces it on demand. */
export const openPool = (database: DatabaseConfig, log: Pick<Log, 'warn'>, use: PoolUse): Database =>
  createPool({ ...database, password: database.password?.(), ...use }, (error) =>
    log.warn({ err: error }, 'an idle database connection was lost'),
  );
