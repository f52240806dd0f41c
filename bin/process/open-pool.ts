import type { DatabaseConfig } from '../../config/groups/database.js';
import { createPool, type Database } from '../../db/client.js';
import type { Log } from './logger.js';

interface PoolUse {
  readonly applicationName: string;
  /** Connections; as configured unless given. */
  readonly poolMax?: number;
  readonly purpose?: 'maintenance';
}

/** A pool as the configuration says. An idle connection that is lost is told, and replaced when it is needed. */
export const openPool = (database: DatabaseConfig, log: Pick<Log, 'warn'>, use: PoolUse): Database =>
  createPool({ ...database, password: database.password?.(), ...use }, (error) =>
    log.warn({ err: error }, 'an idle database connection was lost'),
  );
