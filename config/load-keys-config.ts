import { databaseGroup } from './groups/database.js';
import { kmsGroup } from './groups/kms.js';
import { processGroup } from './groups/process.js';
import type { Environment } from './environment.js';
import { loadGroups } from './load-groups.js';
import type { NodeRuntime } from './start-refusals.js';

/**
 * `DATABASE_URL` names the role of deploy/postgres/keys-role.sql, not the service's.
 *
 * @throws ConfigError naming every wrong variable.
 */
export const loadKeysConfig = (env: Environment, runtime?: NodeRuntime) =>
  loadGroups(env, { process: processGroup, database: databaseGroup, kms: kmsGroup }, runtime);
