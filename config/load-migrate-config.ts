import { databaseGroup } from './groups/database.js';
import { processGroup } from './groups/process.js';
import type { Environment } from './environment.js';
import { loadGroups } from './load-groups.js';
import type { NodeRuntime } from './start-refusals.js';

/**
 * `DATABASE_URL` names the role that may become the owner, not the service's.
 *
 * @throws ConfigError naming every wrong variable.
 */
export const loadMigrateConfig = (env: Environment, runtime?: NodeRuntime) =>
  loadGroups(env, { process: processGroup, database: databaseGroup }, runtime);
